// The text format of Prometheus through a parser that knows nothing of ours.

import parse from 'parse-prometheus-text-format';
import type { MetricFamily } from './read-exposition.ts';

type Foreign = {
  name: string;
  help: string;
  type: string;
  metrics: readonly { value?: string; labels?: Record<string, string>; buckets?: Record<string, string> }[];
};

const line = (name: string, labels: Record<string, string>, value: number): string =>
  `${name} ${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))} ${value}`;

/** One line for each family and each of its samples, sorted; of a histogram, which that parser joins, only the family. */
export const readByOthers = (text: string): string[] =>
  (parse(text) as Foreign[])
    .flatMap(({ name, help, type, metrics }) => [
      `${name} ${type.toLowerCase()} ${help}`,
      ...metrics.flatMap(({ value, labels = {} }) =>
        value === undefined ? [] : [line(name, labels, Number(value))],
      ),
    ])
    .toSorted();

/** The same of what our own, stricter reader read. */
export const readByUs = (families: ReadonlyMap<string, MetricFamily>): string[] =>
  [...families.values()]
    .flatMap(({ name, help, type, samples }) => [
      `${name} ${type} ${help}`,
      ...(type === 'histogram' ? [] : samples.map(({ labels, value }) => line(name, labels, value))),
    ])
    .toSorted();
