// The table: rows are made by DataTables when they are looked at, and all text in them is set as text.

const FIXED = ['rank', 'decision', 'term', 'length'];
const allIds = TERMS.map((_, id) => id);
let table = null;
let order = []; // identifiers of all rows that the filters show, in the order of the table
let placeOf = new Map();
let current = -1;
let picked = null; // a set, or all terms
let sorting = [[0, 'asc']];

/* ---------------------------------------------------------------- columns */

function termCell(id) {
  const cell = document.createElement('bdi');
  cell.textContent = TERMS[id];
  return cell;
}

function decisionCell(id) {
  const group = document.createElement('span');
  group.className = 'pair';
  for (const state of [ACCEPTED, REJECTED]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.tabIndex = -1; // keys do the same on the current row, and the buttons beside the table
    button.dataset.state = state;
    button.textContent = MARKS[state];
    group.append(button);
  }
  return group;
}

/** A column of DataTables: a value to sort by, and a node to show. */
function columnOf(name) {
  const value = {
    rank: (id) => id + 1,
    decision: (id) => (decisions[id] + 2) % 3, // accepted, rejected, undecided
    term: collation,
  }[name] ?? ((id) => COLUMNS[name][id]);
  const node = { term: termCell, decision: decisionCell }[name] ??
    ((id) => document.createTextNode(name === 'rank' || name === 'length' ? grouped.format(value(id)) : shown(name, value(id))));
  const number = FIXED.includes(name) || numeric[name];
  return {
    data: null,
    name,
    searchable: false, // or DataTables would read terms as HTML to search them
    type: number ? 'num' : 'string',
    className: `column-${name} ${number && name !== 'term' && name !== 'decision' ? 'figure' : 'word'}`,
    orderSequence: name === 'rank' || name === 'term' || name === 'decision' ? ['asc', 'desc'] : ['desc', 'asc'],
    render: (_, type, row) => (type === 'display' ? node(row.id) : value(row.id)),
  };
}

/* ---------------------------------------------------------------- filters */

const number = (id) => {
  const input = find(id);
  return input && input.value !== '' && Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
};

/** What the filters say now, as a test of one term. */
function currentTest() {
  const wanted = find('search').value.trim().toLowerCase();
  const state = STATES.indexOf(document.querySelector('input[name=decision]:checked').value);
  const ranges = ['length', 'score', 'count']
    .filter((name) => name in COLUMNS)
    .map((name) => [COLUMNS[name], number(`${name}-from`) ?? -Infinity, number(`${name}-to`) ?? Infinity])
    .filter(([, from, to]) => from > -Infinity || to < Infinity);
  return (id) =>
    (state < 0 || decisions[id] === state) &&
    (picked === null || picked.has(id)) &&
    (wanted === '' || LOWER[id].includes(wanted)) &&
    ranges.every(([column, from, to]) => column[id] >= from && column[id] <= to);
}

let test = () => true;

/** Show what the filters let through; `keepPage` stays where the reader is. The current term is one that is shown. */
function refilter(keepPage = false) {
  if (!table) return;
  const place = keepPage ? placeOf.get(current) ?? 0 : 0;
  test = currentTest();
  table.draw(keepPage ? 'full-hold' : 'full-reset');
  const said = keepPage ? '' : text('found', { shown: grouped.format(order.length), total: grouped.format(SIZE) });
  if (order.length && !placeOf.has(current)) return void select(order[Math.min(place, order.length - 1)], { said });
  if (current >= 0) showState(current);
  if (said) announce(said);
}

const filtersByDecision = () => document.querySelector('input[name=decision]:checked').value !== 'all';

function pick(ids) {
  picked = ids;
  find('clear-picked').hidden = ids === null;
  if (ids) find('picked').textContent = text('picked', { count: grouped.format(ids.size) });
  refilter();
}

/* ------------------------------------------------------------------- rows */

/** Bring one row that exists up to date with decisions, language and selection. */
function dressRow(row, id) {
  const state = decisions[id];
  row.dataset.state = STATES[state];
  row.classList.toggle('current', id === current);
  if (id === current) row.setAttribute('aria-current', 'true');
  else row.removeAttribute('aria-current');
  for (const button of row.querySelectorAll('.pair button')) {
    const own = Number(button.dataset.state);
    button.setAttribute('aria-pressed', String(own === state));
    button.setAttribute('aria-label', text(own === ACCEPTED ? 'accept_term' : 'reject_term', { term: TERMS[id] }));
  }
}

const rowOf = (id) => (id < 0 ? null : table?.row(id).node() ?? null);

function dress(ids) {
  for (const id of ids) {
    const row = rowOf(id);
    if (row) dressRow(row, id);
  }
}

const dressPage = () => dress(table.rows({ page: 'current' }).indexes().toArray());

/** Make a term the current one: turn to its page, mark its row, and show its context; `said` is announced before it. */
function select(id, { scroll = true, said = '' } = {}) {
  const before = current;
  current = id;
  const place = placeOf.get(id);
  if (place !== undefined) {
    const page = Math.floor(place / table.page.len());
    if (page !== table.page()) table.page(page).draw('page');
  }
  dress([before, id]);
  if (scroll) reveal(rowOf(id));
  showDetail(id, said);
  markInPlot(id);
}

/** Scroll the table, never the page, until a row stands between its head and its foot. */
function reveal(row) {
  if (!row?.isConnected) return;
  const frame = find('frame');
  const [outer, inner, head] = [frame, row, frame.querySelector('thead')].map((part) => part.getBoundingClientRect());
  if (inner.top < outer.top + head.height) frame.scrollTop -= outer.top + head.height - inner.top;
  else if (inner.bottom > outer.top + frame.clientHeight) frame.scrollTop += inner.bottom - outer.top - frame.clientHeight;
}

function move(step) {
  if (!order.length) return;
  const place = placeOf.get(current);
  const next = place === undefined ? 0 : Math.min(Math.max(place + step, 0), order.length - 1);
  select(order[next]);
}

/** The next term without a decision, round the end of the table; -1 if there is none. */
function nextUndecided(id) {
  const start = placeOf.get(id) ?? -1;
  for (let step = 1; step <= order.length; step += 1) {
    const candidate = order[(start + step + order.length) % order.length];
    if (candidate !== id && decisions[candidate] === UNDECIDED) return candidate;
  }
  return -1;
}

/** Decide on the current term if it is shown, and go on to the next one that waits. */
function decideCurrent(state) {
  if (!placeOf.has(current)) return;
  const id = current;
  const next = state === UNDECIDED ? -1 : nextUndecided(id);
  if (next >= 0) current = next; // before filters that hide what is decided look for another
  singles.push(...decide([id], state));
  dress([id]);
  const said = text('decided', { term: TERMS[id], decision: text(STATES[state]) });
  if (current !== id) select(current, { said });
  else announce(state === UNDECIDED ? said : `${said} ${text('all_decided')}`);
}

/** Undo the last decision on a single term, and go back to it. */
function undoLast() {
  const id = takeBackLast();
  if (id < 0) return void message('no_undo');
  if (placeOf.has(id)) select(id);
  else message('undone_hidden', { term: TERMS[id], decision: text(STATES[decisions[id]]) });
}

/* ------------------------------------------------------------------ build */

function buildTable() {
  const heads = [...document.querySelectorAll('#terms thead th')];
  DataTable.ext.errMode = 'throw';
  table = new DataTable('#terms', {
    data: allIds.map((id) => ({ id })),
    columns: heads.map((head) => columnOf(head.dataset.name)),
    order: sorting,
    orderMulti: false,
    orderClasses: false,
    autoWidth: false,
    deferRender: true,
    layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
    pageLength: Number(find('rows').value),
    language: { emptyTable: ' ', zeroRecords: ' ', aria: { orderable: '', orderableReverse: '', orderableRemove: '' } },
  });
  table.search.fixed('filters', (_, row) => test(row.id));
  table.on('draw', drawn);
  find('terms').querySelector('tbody').addEventListener('click', clickedRow);
  find('frame').addEventListener('pointerdown', (event) => { if (event.detail > 1) event.preventDefault(); });
  drawn();
}

function drawn() {
  order = table.rows({ search: 'applied', order: 'applied' }).indexes().toArray();
  placeOf = new Map(order.map((id, place) => [id, place]));
  dressPage();
  const empty = document.querySelector('#terms td.dt-empty');
  if (empty) empty.textContent = text('no_rows');
  showCounts();
  showPages();
}

function clickedRow(event) {
  const row = event.target.closest('tr');
  const id = row ? table.row(row).index() : undefined;
  if (id === undefined) return;
  const button = event.target.closest('button[data-state]');
  if (!button) return void select(id, { scroll: false });
  const state = Number(button.dataset.state);
  select(id, { scroll: false });
  if (decisions[id] === state) decideCurrent(UNDECIDED); // pressed once more: taken back
  else decideCurrent(state);
}

on('decided', (ids) => {
  if (!table) return;
  if (ids.length > 1000) table.rows().invalidate();
  else for (const id of ids) table.row(id).invalidate();
  if (filtersByDecision() || ids.length > 1) refilter(true);
  dress(ids);
  showCounts();
});

/* ------------------------------------------------------------------ pages */

function showPages() {
  const { page, pages } = table.page.info();
  find('page-now').textContent = text('page', { page: grouped.format(pages ? page + 1 : 0), pages: grouped.format(pages) });
  for (const name of ['first', 'previous']) find(`page-${name}`).disabled = page <= 0;
  for (const name of ['next', 'last']) find(`page-${name}`).disabled = page >= pages - 1;
}

function turn(name) {
  table.page(name).draw('page');
  find('frame').scrollTop = 0;
}

function showCounts() {
  const [undecided, accepted, rejected] = tally().map((count) => grouped.format(count));
  const values = { shown: grouped.format(order.length), total: grouped.format(SIZE), accepted, rejected, undecided };
  const said = text('counts', values);
  if (find('counts').textContent !== said) find('counts').textContent = said;
  const [, yes, no] = tally();
  find('bar-accepted').style.width = `${(100 * yes) / Math.max(SIZE, 1)}%`;
  find('bar-rejected').style.width = `${(100 * no) / Math.max(SIZE, 1)}%`;
  for (const name of ['accept-shown', 'reject-shown']) find(name).disabled = !order.length;
}
