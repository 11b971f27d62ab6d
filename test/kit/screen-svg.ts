import { displayWidth } from '../../source/shared/display-width.ts';
import type { Screen } from './screen.ts';

// Pictures of a terminal as SVG: text stays text, so that it is sharp at any size, can be searched, and stays small.

/** A stretch of cells of one look. */
export type Run = {
  column: number;
  text: string;
  foreground: number;
  background: number;
  bold: boolean;
  dim: boolean;
};
/** Runs by row, without what nobody would see. */
export type Picture = { columns: number; rows: readonly (readonly Run[])[] };

const cellWidth = 8.4;
const lineHeight = 18;
const fontSize = 14;
const baseline = 13.5;
const padding = 12;

// The sixteen colours of a terminal, for a dark background.
const palette = [
  ['#2b303b', '#e06c75', '#8fce72', '#e5c07b', '#6cb0f2', '#c792ea', '#56c8d8', '#c8ccd4'],
  ['#7f8796', '#ff7b86', '#a6e38c', '#f3d58e', '#8cc6ff', '#dbabff', '#7fe0ec', '#ffffff'],
].flat();
const defaults = { foreground: '#d3d7de', background: '#15181e' };

const colour = (number: number, which: keyof typeof defaults): string => {
  if (number === -1) return defaults[which];
  const found = palette[number];
  if (found === undefined) throw new Error(`colour ${number} is none of the sixteen`);
  return found;
};

const sameLook = (a: Run, b: Run): boolean =>
  a.foreground === b.foreground && a.background === b.background && a.bold === b.bold && a.dim === b.dim;

const runOf = (screen: Screen, column: number, row: number): Run => {
  const cell = screen.cell(column, row);
  const { text = '', inverse = false, bold = false, dim = false } = cell ?? {};
  const [foreground, background] = [cell?.foreground ?? -1, cell?.background ?? -1];
  // Swapped defaults are no palette colours; 0 on 7 comes nearest.
  const swapped = {
    foreground: background === -1 ? 0 : background,
    background: foreground === -1 ? 7 : foreground,
  };
  const look = inverse ? swapped : { foreground, background };
  return { column, text: text === '' ? ' ' : text, bold, dim, ...look };
};

const isSeen = ({ text, background }: Run): boolean => background !== -1 || text.trim() !== '';

/** What is on the screen now. */
export const takePicture = (screen: Screen, columns: number, rows: number): Picture => ({
  columns,
  rows: Array.from({ length: rows }, (_, row) => {
    const runs: Run[] = [];
    for (let column = 0; column < columns; column += 1) {
      const run = runOf(screen, column, row);
      const last = runs.at(-1);
      if (last !== undefined && sameLook(last, run)) last.text += run.text;
      else runs.push(run);
    }
    return runs.filter(isSeen);
  }),
});

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const round = (value: number): string => String(Math.round(value * 10) / 10);
const xOf = (column: number): string => round(padding + column * cellWidth);

/** The parts of a text between wide gaps, each at its own column: white space means nothing in SVG. */
const words = ({ text, column }: Run): { column: number; text: string }[] =>
  [...text.matchAll(/\S+(?: \S+)*/gu)].map((match) => ({
    column: column + displayWidth(text.slice(0, match.index)),
    text: match[0],
  }));

const wordSvg = (run: Run, { column, text }: { column: number; text: string }): string => {
  const length = displayWidth(text);
  // Every browser has another font; long stretches are held to the cells they take. Bars must not get gaps.
  const adjust = /[\u2500-\u259f]/.test(text) ? ' lengthAdjust="spacingAndGlyphs"' : '';
  const width = length > 3 ? ` textLength="${round(length * cellWidth)}"${adjust}` : '';
  const fill = run.foreground === -1 ? '' : ` fill="${colour(run.foreground, 'foreground')}"`;
  const weight = run.bold ? ' font-weight="700"' : '';
  const faint = run.dim ? ' opacity=".6"' : '';
  return `<text x="${xOf(column)}" y="${baseline}"${width}${fill}${weight}${faint}>${escaped(text)}</text>`;
};

const backgroundSvg = (run: Run): string =>
  run.background === -1
    ? ''
    : `<rect x="${xOf(run.column)}" width="${round(displayWidth(run.text) * cellWidth)}" height="${lineHeight}" fill="${colour(run.background, 'background')}"/>`;

/** One row, at the top. */
const rowSvg = (runs: readonly Run[]): string =>
  runs
    .map(
      (run) =>
        backgroundSvg(run) +
        words(run)
          .map((word) => wordSvg(run, word))
          .join(''),
    )
    .join('');

const frameSvg = (columns: number, rows: number, title: string, content: string): string => {
  const width = round(columns * cellWidth + 2 * padding);
  const height = rows * lineHeight + 2 * padding;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}"`,
    ` font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="${fontSize}" fill="${defaults.foreground}">`,
    `<title>${escaped(title)}</title><rect width="${width}" height="${height}" rx="8" fill="${defaults.background}"/>`,
    content,
    '</svg>\n',
  ].join('');
};

const yOf = (row: number): number => padding + row * lineHeight;

/** A picture as an SVG file. */
export const stillSvg = ({ columns, rows }: Picture, title: string): string =>
  frameSvg(
    columns,
    rows.length,
    title,
    rows
      .map(rowSvg)
      .map((svg, row) => (svg === '' ? '' : `<g transform="translate(0 ${yOf(row)})">${svg}</g>`))
      .join(''),
  );

/** A row that stays the same from one frame up to another (exclusive). */
type Stay = { row: number; svg: string; from: number; to: number };

const staysOf = (frames: readonly Picture[]): Stay[] => {
  const open = new Map<number, Stay>();
  const stays: Stay[] = [];
  for (const [index, { rows }] of frames.entries()) {
    for (const [row, runs] of rows.entries()) {
      const svg = rowSvg(runs);
      const before = open.get(row);
      if (before?.svg === svg) {
        before.to = index + 1;
        continue;
      }
      const stay = { row, svg, from: index, to: index + 1 };
      open.set(row, stay);
      stays.push(stay);
    }
  }
  return stays.filter(({ svg }) => svg !== '');
};

const keyframes = (from: number, to: number, count: number): string => {
  const at = (frame: number): string => `${Math.round((frame / count) * 10_000) / 100}%`;
  const parts = [
    ...(from === 0 ? [] : ['0%{visibility:hidden}']),
    `${at(from)}{visibility:visible}`,
    ...(to === count ? [] : [`${at(to)}{visibility:hidden}`]),
  ];
  return `@keyframes k${from}-${to}{${parts.join('')}}`;
};

/**
 * Pictures of one size as an SVG that plays them for ever, `frameMs` each. Who wants no motion, and who cannot play
 * it, sees the picture number `poster`. Throws without pictures or when their sizes differ.
 */
export const movieSvg = (
  frames: readonly Picture[],
  { frameMs, poster, title }: { frameMs: number; poster: number; title: string },
): string => {
  const [first] = frames;
  if (first === undefined) throw new Error('a film of no pictures');
  const { columns, rows } = first;
  if (frames.some((each) => each.columns !== columns || each.rows.length !== rows.length)) {
    throw new Error('the pictures differ in size');
  }
  const stays = staysOf(frames);
  const ids = new Map([...new Set(stays.map(({ svg }) => svg))].map((svg, index) => [svg, `r${index}`]));
  const moving = stays.filter(({ from, to }) => from > 0 || to < frames.length);
  const spans = new Map(moving.map(({ from, to }) => [`${from}-${to}`, { from, to }]));
  const seconds = (frames.length * frameMs) / 1000;
  const rules = [
    '.k{visibility:hidden}.p{visibility:visible}',
    '@media (prefers-reduced-motion:no-preference){',
    ...[...spans.keys()].map((key) => `.k${key}{animation:k${key} ${seconds}s step-end infinite}`),
    ...Array.from(spans.values(), ({ from, to }) => keyframes(from, to, frames.length)),
    '}',
  ];
  const shown = stays.map(({ row, svg, from, to }) => {
    const still = from === 0 && to === frames.length;
    const name = from <= poster && poster < to ? 'p' : 'k';
    const group = still ? '' : ` class="${name} k${from}-${to}"`;
    return `<use href="#${ids.get(svg)}" y="${yOf(row)}"${group}/>`;
  });
  const defined = Array.from(ids, ([svg, id]) => `<g id="${id}">${svg}</g>`);
  const content = `<style>${rules.join('')}</style><defs>${defined.join('')}</defs>${shown.join('')}`;
  return frameSvg(columns, rows.length, title, content);
};
