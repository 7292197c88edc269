// The current term: its decision, the lines it stands in, its figures.

function element(name, content, className) {
  const made = document.createElement(name);
  if (content !== undefined) made.textContent = content;
  if (className) made.className = className;
  return made;
}

function contextLine([before, term, after]) {
  const line = element('li');
  line.append(element('bdi', before), element('mark', term), element('bdi', after));
  return line;
}

function figure(label, meaning, value) {
  const part = element('div');
  const name = element('dt', label);
  if (meaning) name.title = meaning;
  part.append(name, element('dd', value));
  return part;
}

const rate = (value) => (value === 0 ? '0' : short.format(value));

function figuresOf(id) {
  const rows = FIGURES.map((name) => figure(...fieldLabel(name), shown(name, COLUMNS[name][id])));
  rows.push(figure(text('domain_rate'), '', rate(DOMAIN_RATE[id])), figure(text('background_rate'), '', rate(BACKGROUND_RATE[id])));
  return rows;
}

function showState(id) {
  const state = decisions[id];
  find('chosen-state').textContent = `${MARKS[state]} ${text(STATES[state])}`.trim();
  find('chosen-state').dataset.state = STATES[state];
  find('accept').setAttribute('aria-pressed', String(state === ACCEPTED));
  find('reject').setAttribute('aria-pressed', String(state === REJECTED));
  const hidden = !placeOf.has(id); // by filters that show nothing
  for (const name of ['accept', 'reject']) find(name).disabled = hidden;
  find('undo').disabled = hidden || state === UNDECIDED;
}

function showDetail(id, said = '') {
  find('nothing').hidden = id >= 0;
  find('chosen').hidden = id < 0;
  if (id < 0) return;
  find('chosen-term').textContent = TERMS[id];
  showState(id);
  const lines = contextsOf(id);
  find('contexts').replaceChildren(...lines.map(contextLine));
  find('contexts').hidden = !lines.length;
  find('no-contexts').hidden = lines.length > 0;
  find('figures').replaceChildren(...figuresOf(id));
  const now = text('now', { rank: grouped.format(id + 1), term: TERMS[id], decision: text(STATES[decisions[id]]) });
  announce(`${said} ${now}`.trim());
}

function announce(said) {
  find('announce').textContent = said;
}

on('decided', (ids) => {
  if (ids.includes(current)) showState(current);
});
