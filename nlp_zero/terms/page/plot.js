// Domain frequency against background frequency, by plotly.js. Terms that the background does not have stand in a band
// of their own; where in it, across, means nothing.

const MOST_WITHOUT_WEBGL = 3000;
const REST = 250; // milliseconds
const SYMBOLS = ['circle', 'triangle-up', 'x'];
let plotted = null; // identifiers of each trace, once there is a plot
let scale = null;
let redraw = 0;
let marking = 0;

/** Text that plotly.js shows as it is: it reads a few tags and entities. */
const plain = (value) => oneLine(value).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function hasWebGL() {
  try {
    return Boolean(document.createElement('canvas').getContext('webgl'));
  } catch {
    return false;
  }
}

/* ------------------------------------------------------------------ scale */

function leastAbove(values, otherwise) {
  const least = values.reduce((best, value) => (value > 0 && value < best ? value : best), Infinity);
  return least < Infinity ? least : otherwise;
}

/** Where the points stand: both coordinates, and the band for terms that are absent from the background. */
function makeScale(count) {
  const leastX = Math.floor(Math.log10(leastAbove(BACKGROUND_RATE, 1)));
  const leastY = leastAbove(DOMAIN_RATE, 1);
  const scatter = (id) => (((id * 0.6180339887) % 1) - 0.5) * 0.5;
  const x = BACKGROUND_RATE.slice(0, count).map((value, id) => (value > 0 ? value : 10 ** (leastX - 0.6 + scatter(id))));
  const y = DOMAIN_RATE.slice(0, count).map((value) => Math.max(value, leastY / 2));
  const most = Math.ceil(Math.log10(x.concat(y).reduce((a, b) => Math.max(a, b), 10 * leastY)));
  const ticks = [];
  for (let power = leastX; power <= most; power += 1) ticks.push(...[1, 2, 5].map((digit) => digit * 10 ** power));
  return { x, y, leastX, leastY: Math.log10(leastY), most, ticks, count };
}

/** Decades in full; between them a digit, where there is room for it. */
const tickText = (value, room) => {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const digit = Math.round(value / 10 ** power);
  if (digit > 1) return room < 75 ? '' : String(digit);
  return value >= 1 ? grouped.format(value) : value.toFixed(Math.max(-power, 0));
};

/* ---------------------------------------------------------------- drawing */

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function traces() {
  plotted = [[], [], []];
  for (let id = 0; id < scale.count; id += 1) plotted[decisions[id]].push(id);
  return plotted.map((ids, state) => ({
    type: scale.type,
    mode: 'markers',
    name: text(STATES[state]),
    x: ids.length ? ids.map((id) => scale.x[id]) : [null],
    y: ids.length ? ids.map((id) => scale.y[id]) : [null],
    text: ids.map((id) => {
      const values = { domain: rate(DOMAIN_RATE[id]), background: rate(BACKGROUND_RATE[id]) };
      return `${plain(TERMS[id])}<br>${plain(text('hover', values))}`;
    }),
    hoverinfo: 'text',
    marker: { symbol: SYMBOLS[state], size: state ? 7 : 4.5, color: colour(STATES[state]), opacity: state ? 0.9 : 0.55 },
    selected: { marker: { opacity: 1 } },
    unselected: { marker: { opacity: 0.15 } },
  }));
}

function axis(name, range, ticks, length) {
  const room = length / (range[1] - range[0]); // pixels of a decade
  return {
    title: { text: text(name), standoff: 6 },
    type: 'log',
    range,
    tickmode: 'array',
    tickvals: ticks,
    ticktext: ticks.map((value) => tickText(value, room)),
    tickangle: 0,
    gridcolor: colour('line'),
    linecolor: colour('line'),
    zeroline: false,
    automargin: true,
  };
}

function annotations() {
  const notes = [{
    x: scale.leastX - 0.6, xref: 'x', y: 1, yref: 'paper', yanchor: 'bottom', showarrow: false, text: text('absent'), font: { size: 11 },
  }];
  if (current >= 0 && current < scale.count) {
    notes.push({
      x: Math.log10(scale.x[current]), y: Math.log10(scale.y[current]), text: plain(TERMS[current]), ax: 0, ay: -26,
      bgcolor: colour('surface'), bordercolor: colour('accent'), borderpad: 3, arrowcolor: colour('accent'), arrowwidth: 1.5,
      arrowhead: 0, standoff: 5, font: { color: colour('ink'), size: 12 },
    });
  }
  return notes;
}

function layout() {
  const low = scale.leastX - 1;
  return {
    autosize: true,
    uirevision: 'kept',
    margin: { l: 52, r: 10, t: 26, b: 44 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: colour('quiet') },
    hoverlabel: { bgcolor: colour('surface'), bordercolor: colour('accent'), font: { color: colour('ink') }, align: 'left' },
    hovermode: 'closest',
    dragmode: 'select',
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: colour('quiet'), activecolor: colour('accent') },
    xaxis: axis('x_axis', [low, scale.most + 0.1], scale.ticks, find('plot').clientWidth - 62),
    yaxis: axis('y_axis', [scale.leastY - 0.2, scale.most + 0.1], scale.ticks, 2 * find('plot').clientHeight),
    showlegend: false,
    shapes: [
      { type: 'rect', xref: 'x', yref: 'paper', x0: 10 ** (low - 2), x1: 10 ** (scale.leastX - 0.2), y0: 0, y1: 1, layer: 'below', line: { width: 0 }, fillcolor: colour('band') },
      { type: 'line', x0: 10 ** scale.leastX, y0: 10 ** scale.leastX, x1: 10 ** scale.most, y1: 10 ** scale.most, layer: 'below', line: { width: 1, dash: 'dot', color: colour('quiet') } },
    ],
    annotations: annotations(),
  };
}

const BUTTONS = [['zoom2d', 'pan2d', 'select2d', 'lasso2d'], ['resetScale2d']]; // none that leaves the page
const CHINESE = {
  moduleType: 'locale',
  name: 'zh-CN',
  dictionary: {
    Zoom: '缩放', Pan: '平移', 'Box Select': '框选', 'Lasso Select': '套索选择', 'Reset axes': '恢复坐标轴',
    'Double-click to zoom back out': '双击恢复', 'Zoom in': '放大', 'Zoom out': '缩小', Autoscale: '自动缩放',
  },
  format: {},
};

const settings = () => ({
  displaylogo: false,
  displayModeBar: true,
  responsive: true,
  modeBarButtons: BUTTONS,
  locale: language === 'zh' ? 'zh-CN' : 'en',
});

/* ----------------------------------------------------------------- events */

const idsOf = (points) => points.map((point) => plotted[point.curveNumber][point.pointIndex ?? point.pointNumber]).filter((id) => id !== undefined);

function clickedPoint({ points }) {
  const [id] = idsOf(points);
  if (id === undefined) return;
  if (!placeOf.has(id)) clearFilters();
  select(id);
}

function selectedPoints(event) {
  if (!event?.points) return;
  const ids = new Set(idsOf(event.points));
  if (ids.size) pick(ids);
}

/** Forget what was picked, in the plot and in the table. */
function clearPicked() {
  if (picked) pick(null);
  if (plotted) Plotly.update('plot', { selectedpoints: null }, { selections: [] });
}

/** Draw again when the keys rest: decisions come quickly one after the other. */
function replot() {
  if (!plotted) return;
  clearTimeout(redraw);
  redraw = setTimeout(() => Plotly.react('plot', traces(), layout(), settings()), REST);
}

/** Show where the current term stands, when the keys rest. */
function markInPlot() {
  if (!plotted) return;
  clearTimeout(marking);
  marking = setTimeout(() => Plotly.relayout('plot', { annotations: annotations() }), REST);
}

function noteDrawn() {
  const few = scale && scale.count < SIZE;
  find('plot-more').textContent = few ? text('plot_few', { count: grouped.format(scale.count) }) : '';
}

/** Run plotly.js, which takes longer to read than all the rest, after the table is there. */
async function buildPlot() {
  const place = find('plot');
  try {
    const script = document.createElement('script');
    script.textContent = find('plot-script').textContent;
    document.head.append(script);
    Plotly.register(CHINESE);
    const webgl = hasWebGL();
    scale = makeScale(webgl ? SIZE : Math.min(SIZE, MOST_WITHOUT_WEBGL));
    scale.type = webgl ? 'scattergl' : 'scatter';
    const drawing = traces();
    place.replaceChildren();
    await Plotly.newPlot(place, drawing, layout(), settings());
    place.on('plotly_click', clickedPoint);
    place.on('plotly_selected', selectedPoints);
    place.on('plotly_deselect', () => { if (picked) pick(null); });
    noteDrawn();
    place.dataset.state = 'drawn';
  } catch (error) {
    plotted = null;
    place.replaceChildren(element('p', text('plot_failed'), 'quiet wait'));
    console.warn(error);
  }
}

on('decided', replot);
