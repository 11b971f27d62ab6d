// A reader of the Prometheus text format 0.0.4 that is stricter than Prometheus itself: whatever the format does not
// allow, or a server would have to guess about, is an error.

export type Sample = { name: string; labels: Readonly<Record<string, string>>; value: number };

export type MetricFamily = { name: string; help: string; type: string; samples: Sample[] };

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const types = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const number = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)$/i;

/** The same text for the same labels, in whatever order they came; an empty one is none to Prometheus. */
const labelKey = (labels: Sample['labels']): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

const fail = (line: string, why: string): never => {
  throw new Error(`${why}: ${line}`);
};

const unescaped = (text: string, line: string): string =>
  text.replaceAll(/\\(.?)/gs, (_, character: string) => {
    if (character === 'n') return '\n';
    return character === '\\' || character === '"' ? character : fail(line, 'an escape that there is not');
  });

const labelsOf = (text: string, line: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole, name, value] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(?:,(?=.)|$)/s.exec(rest) ?? fail(line, 'labels');
    if (name === undefined || value === undefined || whole === undefined) return fail(line, 'labels');
    if (name.startsWith('__')) fail(line, 'a label that is not ours to give');
    if (Object.hasOwn(labels, name)) fail(line, 'the same label twice');
    labels[name] = unescaped(value, line);
    rest = rest.slice(whole.length);
  }
  return labels;
};

const numberOf = (text: string, line: string): number => {
  if (!number.test(text)) fail(line, 'no number');
  return Number(text.replace(/inf$/i, 'Infinity'));
};

const sampleOf = (line: string): Sample => {
  const [, name = '', , labels = '', value = ''] =
    /^([^\s{]+)(\{(.*)\})? (\S+)$/s.exec(line) ?? fail(line, 'no sample');
  if (!metricName.test(name)) fail(line, 'no name of a metric');
  return { name, labels: labelsOf(labels, line), value: numberOf(value, line) };
};

const identity = ({ name, labels }: Sample): string => name + labelKey(labels);

const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

const belongsTo = ({ name }: Sample, family: MetricFamily): boolean =>
  (suffixes[family.type] ?? ['']).some((suffix) => name === family.name + suffix);

/** One histogram: its buckets rise in their order up to +Inf, which is the count. */
const checkHistogram = (samples: readonly Sample[], about: string): void => {
  const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
  const bounds = buckets.map(({ labels }) => numberOf(labels['le'] ?? '', about));
  const isRising = (values: readonly number[], strictly: boolean): boolean =>
    values.every((value, index) => {
      const before = values[index - 1];
      return before === undefined || (strictly ? value > before : value >= before);
    });
  if (!isRising(bounds, true)) fail(about, 'bounds that do not rise');
  const counts = buckets.map(({ value }) => value);
  if (!isRising(counts, false)) fail(about, 'buckets that are not cumulative');
  if (bounds.at(-1) !== Infinity) fail(about, 'no bucket +Inf');
  const [count, ...more] = samples.filter(({ name }) => name.endsWith('_count'));
  const sums = samples.filter(({ name }) => name.endsWith('_sum'));
  if (count === undefined || more.length > 0 || sums.length !== 1) fail(about, 'not one count and one sum');
  if (count?.value !== counts.at(-1)) fail(about, 'a count that is not the bucket +Inf');
};

const checkHistograms = ({ name, samples }: MetricFamily): void => {
  const groups = Map.groupBy(samples, ({ labels }) => {
    const { le: _, ...others } = labels;
    return labelKey(others);
  });
  for (const [labels, group] of groups) checkHistogram(group, `${name} ${labels}`);
};

const checkFamily = (family: MetricFamily): void => {
  if (family.samples.length === 0) fail(family.name, 'a family without samples');
  if (family.type === 'histogram') checkHistograms(family);
  if (family.type !== 'counter') return;
  if (!family.name.endsWith('_total')) fail(family.name, 'a counter whose name does not end in _total');
  for (const { value } of family.samples) {
    if (!(value >= 0 && value < Infinity)) fail(family.name, 'a counter that is no count');
  }
};

type Reading = { families: Map<string, MetricFamily>; current: MetricFamily | null; help: string | null };

const readComment = (line: string, reading: Reading): void => {
  const [, keyword, name = '', text = ''] =
    /^# (HELP|TYPE) (\S+) (.+)$/s.exec(line) ?? fail(line, 'no comment');
  if (!metricName.test(name)) fail(line, 'no name of a metric');
  if (keyword === 'HELP') {
    if (reading.help !== null) fail(line, 'a HELP without its TYPE before it');
    if (reading.families.has(name)) fail(line, 'a family told twice, or in two places');
    reading.help = name;
    reading.current = {
      name,
      help: text.replaceAll(/\\(.?)/gs, (_, c: string) =>
        c === 'n' ? '\n' : c === '\\' ? c : fail(line, 'an escape'),
      ),
      type: '',
      samples: [],
    };
    return;
  }
  if (reading.help !== name || reading.current === null)
    return fail(line, 'a TYPE without its HELP before it');
  if (!types.has(text)) fail(line, 'no type');
  reading.current.type = text;
  reading.families.set(name, reading.current);
  reading.help = null;
};

/** The families of the text by name, each complete and in one place. Throws what the format does not allow. */
export const readExposition = (text: string): ReadonlyMap<string, MetricFamily> => {
  if (!text.endsWith('\n')) fail(text.slice(-60), 'no line end at the end');
  if (/[\r\0]/.test(text) || !text.isWellFormed()) fail('', 'characters that do not belong here');
  const reading: Reading = { families: new Map(), current: null, help: null };
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    if (line.startsWith('#')) {
      readComment(line, reading);
      continue;
    }
    const sample = sampleOf(line);
    const { current } = reading;
    if (current === null || reading.help !== null || !belongsTo(sample, current)) {
      return fail(line, 'a sample outside its family');
    }
    const id = identity(sample);
    if (seen.has(id)) fail(line, 'the same series twice');
    seen.add(id);
    current.samples.push(sample);
  }
  if (reading.help !== null) fail(reading.help, 'a HELP without its TYPE');
  for (const family of reading.families.values()) checkFamily(family);
  return reading.families;
};

/** The value of one series; undefined when there is none. */
export const valueIn = (
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined => {
  const wanted = labelKey(labels);
  for (const { samples } of families.values()) {
    const found = samples.find((sample) => sample.name === name && labelKey(sample.labels) === wanted);
    if (found) return found.value;
  }
  return undefined;
};
