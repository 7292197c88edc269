// Keys, buttons, dialogs, files, language: what the reader does, and the beginning of it all.

/* --------------------------------------------------------------- messages */

/** Say something above the table; `undo` is what a button beside it does. */
function message(key, values = {}, { warning = false, undo = null } = {}) {
  const line = element('p', undefined, warning ? 'message warning' : 'message');
  line.append(element('span', text(key, values)));
  if (undo) {
    const back = element('button', text('undo_last'));
    back.type = 'button';
    back.addEventListener('click', () => { undo(); message('restored'); });
    line.append(back);
  }
  const close = element('button', '✕', 'plain');
  close.type = 'button';
  close.setAttribute('aria-label', text('close'));
  close.addEventListener('click', () => line.remove());
  line.append(close);
  line.dataset.key = key;
  unsay(warning ? `[data-key=${key}]` : '.message:not(.warning)');
  find('messages').append(line);
}

function unsay(which) {
  for (const old of find('messages').querySelectorAll(which)) old.remove();
}

/** Ask before something big. */
function sure(key, values) {
  find('sure-text').textContent = text(key, values);
  const dialog = find('sure');
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'), { once: true });
  });
}

async function decideShown(state) {
  const ids = order.slice();
  const changed = ids.filter((id) => decisions[id] !== state).length;
  const values = { count: grouped.format(ids.length), changed: grouped.format(changed) };
  if (!ids.length || !(await sure(state === ACCEPTED ? 'sure_accept' : 'sure_reject', values))) return;
  const changes = decide(ids, state);
  message('decided_shown', { count: values.changed }, { undo: () => takeBack(changes) });
}

async function reset() {
  const [, accepted, rejected] = tally();
  if (!(await sure('sure_reset', { count: grouped.format(accepted + rejected) }))) return;
  const changes = decide(allIds, UNDECIDED);
  message('reset_done', {}, { undo: () => takeBack(changes) });
}

/* ------------------------------------------------------------------ files */

function save(file, type, { body, count, left }) {
  const address = URL.createObjectURL(new Blob([body], { type: `${type};charset=utf-8` }));
  const link = element('a');
  link.href = address;
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  const values = { count: grouped.format(count), left: grouped.format(left), file };
  message(left ? 'saved_without' : 'saved', values);
  find('export-menu').open = false;
}

async function load(event) {
  const [file] = event.target.files;
  event.target.value = '';
  if (!file) return;
  try {
    const { count, left, changes } = takeDecisions(await file.text());
    const values = { count: grouped.format(count), left: grouped.format(left) };
    unsay('[data-key=load_failed]');
    message(left ? 'loaded_unknown' : 'loaded', values, { undo: () => takeBack(changes) });
  } catch {
    message('load_failed', {}, { warning: true });
  }
  find('export-menu').open = false;
}

/* --------------------------------------------------------------- language */

function firstLanguage() {
  try {
    const kept = localStorage.getItem(LANGUAGE_KEY);
    if (kept === 'zh' || kept === 'en') return kept;
  } catch {
    // then the browser says it
  }
  return /^zh\b/i.test(navigator.language) ? 'zh' : 'en';
}

/** Say everything that stands on the page in a language. */
function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
  for (const part of document.querySelectorAll('[data-text]')) part.textContent = text(part.dataset.text);
  for (const part of document.querySelectorAll('[data-field]')) {
    const [label, meaning] = fieldLabel(part.dataset.field);
    part.textContent = label;
    part.title = meaning;
  }
  for (const part of document.querySelectorAll('[data-label]')) {
    const name = part.dataset.of ? fieldLabel(part.dataset.of)[0] : '';
    part.setAttribute('aria-label', text(part.dataset.label, { name }));
  }
  for (const part of document.querySelectorAll('[data-hint]')) part.placeholder = text(part.dataset.hint);
  for (const head of document.querySelectorAll('#terms th[data-name]')) {
    const button = head.querySelector('[role=button]');
    button?.setAttribute('aria-label', text('sort', { name: fieldLabel(head.dataset.name)[0] }));
  }
  find('language').textContent = text('language');
  find('language').lang = chosen === 'zh' ? 'en' : 'zh-CN';
  if (!document.querySelector('h1 bdi')) document.title = text('untitled');
  const more = DATA.total - SIZE;
  find('left-out').hidden = more <= 0;
  find('left-out').textContent = text('left_out', { count: grouped.format(SIZE), more: grouped.format(more) });
  if (picked) find('picked').textContent = text('picked', { count: grouped.format(picked.size) });
  if (!table) return;
  drawn();
  showDetail(current);
  replot();
  noteDrawn();
}

function switchLanguage() {
  speak(language === 'zh' ? 'en' : 'zh');
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    message('storage_failed', {}, { warning: true });
  }
}

/* ------------------------------------------------------------------- keys */

function clearFilters() {
  find('filters').reset();
  clearPicked();
  refilter();
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  j: () => move(1),
  k: () => move(-1),
  a: () => decideCurrent(ACCEPTED),
  r: () => decideCurrent(REJECTED),
  x: () => decideCurrent(REJECTED),
  u: undoLast,
  '/': () => { find('search').focus(); find('search').select(); },
  '?': () => find('help').showModal(),
};

const TYPED = 'input:is([type=search], [type=number], [type=text]), textarea, [contenteditable]';
let pointing = false; // what is focused was clicked on

const toTable = () => find('frame').focus({ preventScroll: true });

/** Is this a list that is open? Where a browser cannot say, it is. */
function opened(part) {
  if (!part.matches?.('select')) return false;
  return !CSS.supports('selector(:open)') || part.matches(':open');
}

function pressed(event) {
  pointing = false;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.keyCode === 229) return; // 229: Safari
  if (event.defaultPrevented) return;
  if (document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape' && find('export-menu').open) {
    find('export-menu').open = false;
    return void find('export-menu').querySelector('summary').focus();
  }
  const typing = event.target.closest?.(TYPED);
  if (typing) {
    if (event.key === 'Escape') typing.blur();
    if (event.key === 'Enter') toTable();
    return;
  }
  if (opened(event.target)) return;
  if (event.key.startsWith('Arrow') && event.target.matches?.('[type=radio]')) return; // reached by keys: it needs them
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!Object.hasOwn(KEYS, name)) return;
  event.preventDefault();
  KEYS[name]();
}

/* ------------------------------------------------------------------ start */

function listen() {
  const click = (id, action) => find(id).addEventListener('click', action);
  document.addEventListener('keydown', pressed);
  find('filters').addEventListener('submit', (event) => event.preventDefault());
  find('filters').addEventListener('input', (event) => { if (!event.isComposing) refilter(); });
  find('search').addEventListener('compositionend', () => refilter());
  find('rows').addEventListener('change', () => {
    table.page.len(Number(find('rows').value)).draw();
    if (pointing) toTable();
  });
  document.addEventListener('pointerdown', () => { pointing = true; }, true);
  find('filters').addEventListener('click', (event) => { if (pointing && event.target.matches('[type=radio]')) toTable(); });
  click('clear-filters', clearFilters);
  click('clear-picked', clearPicked);
  for (const name of ['first', 'previous', 'next', 'last']) click(`page-${name}`, () => turn(name));
  click('accept', () => decideCurrent(ACCEPTED));
  click('reject', () => decideCurrent(REJECTED));
  click('undo', () => decideCurrent(UNDECIDED));
  click('accept-shown', () => decideShown(ACCEPTED));
  click('reject-shown', () => decideShown(REJECTED));
  click('help-open', () => find('help').showModal());
  click('language', switchLanguage);
  click('reset', reset);
  click('save-accepted', () => save('accepted-terms.tsv', 'text/tab-separated-values', acceptedTable()));
  click('save-jieba', () => save('jieba-dictionary.txt', 'text/plain', jiebaDictionary()));
  click('save-rejected', () => save('rejected-words.txt', 'text/plain', rejectedWords()));
  click('save-decisions', () => save('decisions.json', 'application/json', decisionsFile()));
  click('load-decisions', () => find('load-file').click());
  find('load-file').addEventListener('change', load);
  document.addEventListener('click', (event) => {
    if (!event.target.closest('#export-menu')) find('export-menu').open = false;
  });
  window.addEventListener('storage', (event) => { // decisions that were taken in another window
    if (event.key === STORAGE_KEY) restore(recall());
  });
}

function followScheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => {
    document.documentElement.classList.toggle('dark', dark.matches); // DataTables looks for it
    replot();
  };
  dark.addEventListener('change', follow);
  follow();
}

on('failed', (key) => message(key, {}, { warning: true }));
language = firstLanguage();
followScheme();
if (SIZE) {
  decisions = recall();
  listen();
  buildTable();
  speak(language);
  select(decisions.indexOf(UNDECIDED) >= 0 ? decisions.indexOf(UNDECIDED) : 0);
  requestAnimationFrame(() => setTimeout(buildPlot, 50));
} else {
  find('review').hidden = true;
  find('empty').hidden = false;
  for (const id of ['export-menu', 'help-open', 'counts']) find(id).remove();
  find('language').addEventListener('click', () => speak(language === 'zh' ? 'en' : 'zh'));
  speak(language);
}
document.documentElement.dataset.state = 'ready';
