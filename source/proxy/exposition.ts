// The text that Prometheus reads (exposition format 0.0.4): one family after the other, each with what it means, its
// type and its series.

/** Names and values, in one fixed order for all series of a family. */
export type Labels = Readonly<Record<string, string>>;

export type Series = { labels: Labels; value: number };

export type Family = {
  /** Without the prefix. */
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  series: Iterable<Series>;
};

/** What was measured, in seconds: how many were at most as long as each bound, how many there were, and their sum. */
export type Histogram = { counts: Float64Array; sum: number };

export type HistogramFamily = {
  name: string;
  help: string;
  type: 'histogram';
  series: Iterable<{ labels: Labels; histogram: Histogram }>;
};

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

const prefix = 'ccr_tui_';

/** Upper bounds of the buckets, in seconds: from a quick answer to the longest that is waited for. */
export const bucketBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] as const;

/** Nothing measured yet. */
export const emptyHistogram = (): Histogram => ({
  counts: new Float64Array(bucketBounds.length + 1),
  sum: 0,
});

/** Counts one measurement, in milliseconds. */
export const measure = (histogram: Histogram, ms: number): void => {
  const seconds = ms / 1000;
  let place = 0;
  while (place < bucketBounds.length && seconds > (bucketBounds[place] ?? Infinity)) place += 1;
  histogram.counts[place] = (histogram.counts[place] ?? 0) + 1;
  histogram.sum += seconds;
};

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

/** A value between its quotes; half a surrogate pair, which UTF-8 does not know, becomes U+FFFD. */
const quoted = (value: string): string =>
  `"${value.toWellFormed().replaceAll(/[\\\n"]/g, (character) => escapes[character] ?? character)}"`;

const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quoted(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const bucketLines = (name: string, labels: Labels, { counts, sum }: Histogram): string[] => {
  let count = 0;
  const lines = Array.from(counts, (each, place) => {
    count += each;
    const le = bucketBounds[place];
    return `${name}_bucket${labelText({ ...labels, le: le === undefined ? '+Inf' : String(le) })} ${count}`;
  });
  const text = labelText(labels);
  return [...lines, `${name}_sum${text} ${sum}`, `${name}_count${text} ${count}`];
};

const seriesLines = (family: Family | HistogramFamily, name: string): string[] =>
  family.type === 'histogram'
    ? Array.from(family.series, ({ labels, histogram }) => bucketLines(name, labels, histogram)).flat()
    : Array.from(family.series, ({ labels, value }) => `${name}${labelText(labels)} ${value}`);

/** The families as text; one without a series is left out. Values are finite, and no two series have the same labels. */
export const exposition = (families: readonly (Family | HistogramFamily)[]): string => {
  const lines: string[] = [];
  for (const family of families) {
    const name = prefix + family.name;
    const series = seriesLines(family, name);
    if (series.length === 0) continue;
    lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.type}`);
    for (const line of series) lines.push(line);
  }
  return `${lines.join('\n')}\n`;
};
