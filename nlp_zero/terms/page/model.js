// What the page knows: terms with their figures, texts, decisions. Nothing here draws.

const find = (id) => document.getElementById(id);
const island = (id) => JSON.parse(find(id).textContent);

const TEXTS = island('texts-data');
const DATA = island('terms-data');
const COLUMNS = Object.fromEntries(DATA.fields.map((name, at) => [name, DATA.columns[at]]));
const FIGURES = DATA.fields.slice(1); // all but the term
const TERMS = COLUMNS.term;
const SIZE = TERMS.length;

/* ------------------------------------------------------------------ texts */

const LANGUAGE_KEY = 'nlp-zero.language';
let language = 'zh';

/** A text of the page, with `{name}` replaced by values. */
function text(key, values = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** How a column is called, and what that means; what nobody named is called by its bare name. */
function fieldLabel(name) {
  return Object.hasOwn(TEXTS.fields, name) ? TEXTS.fields[name][language] : [name, ''];
}

/* ---------------------------------------------------------------- figures */

const SPECIAL = { Infinity: Infinity, '-Infinity': -Infinity, NaN: NaN };

/** Each column as numbers if all of it is numeric, and whether it is. */
const numeric = {};
for (const name of FIGURES) {
  numeric[name] = COLUMNS[name].every((value) => typeof value === 'number' || Object.hasOwn(SPECIAL, value));
  if (numeric[name]) COLUMNS[name] = COLUMNS[name].map((value) => (typeof value === 'number' ? value : SPECIAL[value]));
}
const whole = (name) => COLUMNS[name].every((value) => Number.isInteger(value));
const DECIMALS = Object.fromEntries(FIGURES.filter((name) => numeric[name]).map((name) => [name, whole(name) ? 0 : 3]));

const segmentsOf = (term) => [...term].length; // characters, not units of UTF-16
const LENGTHS = TERMS.map(segmentsOf);
COLUMNS.length = LENGTHS;
const LOWER = TERMS.map((term) => term.toLowerCase());

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A figure as the table shows it: the same number of decimals all the way down. */
function shown(name, value) {
  if (!numeric[name] || !Number.isFinite(value)) return Number.isFinite(value) ? value : String(value).replace('Infinity', '∞');
  if (DECIMALS[name] === 0) return grouped.format(value);
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(DECIMALS[name]);
}

const perMillion = (count, total) => (total > 0 ? (count / total) * 1e6 : 0);
const zeros = new Array(SIZE).fill(0);
const DOMAIN_RATE = (COLUMNS.count ?? zeros).map((count) => perMillion(count, DATA.domainTotal));
const BACKGROUND_RATE = (COLUMNS.background_count ?? zeros).map((count) => perMillion(count, DATA.backgroundTotal));

let collated = null;

/** The place of a term in the order of pinyin. */
function collation(id) {
  if (!collated) {
    const { compare } = new Intl.Collator('zh-CN', { numeric: true });
    const order = TERMS.map((_, at) => at).sort((a, b) => compare(TERMS[a], TERMS[b]) || a - b);
    collated = new Uint32Array(SIZE);
    order.forEach((at, place) => { collated[at] = place; });
  }
  return collated[id];
}

let places = null;

/** Lines of text with a term: `[before, term, after]`. All are read when the first is looked at. */
function contextsOf(id) {
  places ??= island('contexts-data');
  return places[id];
}

/* -------------------------------------------------------------- decisions */

const UNDECIDED = 0;
const ACCEPTED = 1;
const REJECTED = 2;
const STATES = ['undecided', 'accepted', 'rejected'];
const MARKS = ['', '✓', '✕'];
const STORAGE_KEY = `nlp-zero.decisions.${DATA.fingerprint}`;

let decisions = new Uint8Array(SIZE);
const listeners = { decided: [], failed: [] };
const on = (event, listener) => listeners[event].push(listener);
const tell = (event, ...values) => listeners[event].forEach((listener) => listener(...values));

function tally() {
  const counts = [0, 0, 0];
  for (const state of decisions) counts[state] += 1;
  return counts;
}

/** Take decisions on some terms, keep them in the browser, and tell everybody; returns `[term, before, after]`. */
function decide(ids, state) {
  const changes = ids.filter((id) => decisions[id] !== state).map((id) => [id, decisions[id], state]);
  for (const [id] of changes) decisions[id] = state;
  publish(changes);
  return changes;
}

/** Undo changes, the last first, but those of terms that were decided again since; returns the ones undone. */
function takeBack(changes) {
  const undone = changes.slice().reverse().filter(([id, before, after]) => {
    if (decisions[id] !== after) return false;
    decisions[id] = before;
    return true;
  });
  publish(undone);
  return undone;
}

function publish(changes) {
  if (!changes.length) return;
  keep();
  tell('decided', changes.map(([id]) => id));
}

const singles = []; // changes of one term at a time, the last at the end

/** Undo the last decision on a single term that still holds; returns the term, or -1. */
function takeBackLast() {
  while (singles.length) {
    const [undone] = takeBack([singles.pop()]);
    if (undone) return undone[0];
  }
  return -1;
}

/** Decisions become those of another window. */
function restore(copy) {
  const changed = TERMS.map((_, id) => id).filter((id) => decisions[id] !== copy[id]);
  decisions = copy;
  keep();
  tell('decided', changed);
}

function keep() {
  try {
    if (decisions.some((state) => state)) localStorage.setItem(STORAGE_KEY, decisions.join(''));
    else localStorage.removeItem(STORAGE_KEY);
  } catch {
    tell('failed', 'storage_failed');
  }
}

/** Read what the browser kept. */
function recall() {
  let kept = null;
  try {
    kept = localStorage.getItem(STORAGE_KEY);
    localStorage.setItem('nlp-zero.probe', '1');
    localStorage.removeItem('nlp-zero.probe');
  } catch {
    tell('failed', 'storage_failed');
  }
  if (kept === null) return new Uint8Array(SIZE);
  if (kept.length === SIZE && /^[012]*$/.test(kept)) return Uint8Array.from(kept);
  tell('failed', 'storage_damaged');
  return new Uint8Array(SIZE);
}

/* ------------------------------------------------------------------ files */

const FORMAT = 'nlp-zero term decisions';
const decidedAs = (state) => TERMS.map((_, id) => id).filter((id) => decisions[id] === state);
// Everything that ends a line somewhere, or a column.
const oneLine = (value) => String(value).replace(/[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+/g, ' ');

/** Accepted terms with their figures, the best first. */
function acceptedTable() {
  const ids = decidedAs(ACCEPTED);
  const lines = ids.map((id) => DATA.fields.map((name) => oneLine(COLUMNS[name][id])).join('\t'));
  return { body: `${[DATA.fields.join('\t'), ...lines].join('\n')}\n`, count: ids.length, left: 0 };
}

/** A user dictionary of jieba; a line of it is cut at white space, so a term cannot hold any. */
function jiebaDictionary() {
  const ids = decidedAs(ACCEPTED);
  const fit = ids.filter((id) => !/[\s\x1c-\x1f\x85]/.test(TERMS[id]) && !/\p{Surrogate}/u.test(TERMS[id]));
  const lines = fit.map((id) => `${TERMS[id]} ${COLUMNS.count?.[id] ?? 1}\n`);
  return { body: lines.join(''), count: fit.length, left: ids.length - fit.length };
}

function rejectedWords() {
  const ids = decidedAs(REJECTED);
  return { body: ids.map((id) => `${oneLine(TERMS[id])}\n`).join(''), count: ids.length, left: 0 };
}

function decisionsFile() {
  const named = (state) => decidedAs(state).map((id) => TERMS[id]);
  const content = { format: FORMAT, version: 1, accepted: named(ACCEPTED), rejected: named(REJECTED) };
  return { body: `${JSON.stringify(content, null, 1)}\n`, count: content.accepted.length + content.rejected.length, left: 0 };
}

/** Take decisions from a file; says how many, how many are on unknown terms, and what changed. Throws if it is something else. */
function takeDecisions(content) {
  const { format, version, accepted, rejected } = JSON.parse(content);
  if (format !== FORMAT || version !== 1 || !Array.isArray(accepted) || !Array.isArray(rejected)) throw new TypeError(FORMAT);
  const ids = new Map(TERMS.map((term, id) => [term, id]));
  const known = (terms) => terms.filter((term) => ids.has(term)).map((term) => ids.get(term));
  const taken = [known(accepted), known(rejected)];
  const changes = [...decide(taken[0], ACCEPTED), ...decide(taken[1], REJECTED)];
  const count = taken[0].length + taken[1].length;
  return { count, left: accepted.length + rejected.length - count, changes };
}
