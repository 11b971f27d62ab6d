import { expect, test } from 'vitest';
import { readExposition, valueIn } from './read-exposition.ts';

const counter = '# HELP a_total of a\n# TYPE a_total counter\n';
const histogram = (lines: string): string => `# HELP h of h\n# TYPE h histogram\n${lines}\n`;

test('what the format allows is read as it is meant', () => {
  const families = readExposition(
    `${counter}a_total{x="a\\"\\\\\\n,}"} 2\na_total 3e2\n${histogram(
      'h_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 2\nh_sum 7.5\nh_count 2',
    )}`,
  );
  expect(valueIn(families, 'a_total', { x: 'a"\\\n,}' })).toBe(2);
  expect(valueIn(families, 'a_total')).toBe(300);
  expect(valueIn(families, 'h_bucket', { le: '+Inf' })).toBe(2);
});

test.each([
  ['no line end', `${counter}a_total 1`],
  ['a sample without its family', 'a_total 1\n'],
  ['a type before its help', '# TYPE a_total counter\n# HELP a_total of a\na_total 1\n'],
  ['a family twice', `${counter}a_total 1\n${counter}a_total{x="1"} 1\n`],
  ['a series twice', `${counter}a_total{x="1",y="2"} 1\na_total{y="2",x="1"} 1\n`],
  ['a series twice, but for an empty label', `${counter}a_total{x=""} 1\na_total 1\n`],
  ['a label twice', `${counter}a_total{x="1",x="2"} 1\n`],
  ['an escape that there is not', `${counter}a_total{x="\\t"} 1\n`],
  ['a quote without escape', `${counter}a_total{x="a"b"} 1\n`],
  ['no number', `${counter}a_total one\n`],
  ['a counter below zero', `${counter}a_total -1\n`],
  ['a counter of another name', '# HELP a of a\n# TYPE a counter\na 1\n'],
  ['a family without samples', counter],
  ['a histogram without +Inf', histogram('h_bucket{le="1"} 1\nh_sum 1\nh_count 1')],
  ['buckets that fall', histogram('h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1')],
  ['another count', histogram('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2')],
  [
    'bounds that fall',
    histogram('h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1'),
  ],
])('%s is refused', (_, text) => expect(() => readExposition(text)).toThrow(/: /));
