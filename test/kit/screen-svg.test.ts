import { globSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createScreen, type Screen } from './screen.ts';
import { movieSvg, stillSvg, takePicture, type Picture } from './screen-svg.ts';

const columns = 24;
const rows = 3;

const screenOf = async (bytes: string): Promise<Screen> => {
  const screen = createScreen(columns, rows);
  await screen.write(bytes);
  return screen;
};
const pictureOf = async (bytes: string): Promise<Picture> =>
  takePicture(await screenOf(bytes), columns, rows);

const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** A row of text as a person reads it in the picture: every stretch at the column it stands at. */
const readRow = (svg: string): string => {
  const cells: string[] = [];
  for (const [, x, text = ''] of svg.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)<\/text>/g)) {
    let column = Math.round((Number(x) - 12) / 8.4);
    for (const character of plain(text)) {
      cells[column] = character;
      column += 1;
    }
  }
  return Array.from(cells, (cell) => cell ?? ' ').join('');
};

const readStill = (svg: string): string[] => {
  const lines = Array.from({ length: rows }, () => '');
  for (const [, y, row = ''] of svg.matchAll(/<g transform="translate\(0 (\d+)\)">(.*?)<\/g>/g)) {
    lines[(Number(y) - 12) / 18] = readRow(row);
  }
  return lines;
};

/** What the film shows at that share of its length, by its own style rules. */
const readFilm = (svg: string, percent: number): string[] => {
  const defined = new Map(
    [...svg.matchAll(/<g id="(\w+)">(.*?)<\/g>/g)].map(([, id = '', row = '']) => [id, row] as const),
  );
  const visible = (name: string): boolean => {
    const rule = new RegExp(`@keyframes ${name}\\{((?:[\\d.]+%\\{visibility:\\w+\\})+)\\}`).exec(svg)![1]!;
    const steps = [...rule.matchAll(/([\d.]+)%\{visibility:(\w+)\}/g)];
    return steps.findLast(([, at]) => Number(at) <= percent)![2] === 'visible';
  };
  const lines = Array.from({ length: rows }, () => '');
  for (const [, id = '', y, name] of svg.matchAll(
    /<use href="#(\w+)" y="(\d+)"(?: class="\w (k[\d-]+)")?\/>/g,
  )) {
    if (name === undefined || visible(name)) lines[(Number(y) - 12) / 18] = readRow(defined.get(id)!);
  }
  return lines;
};

describe('a picture of a screen', () => {
  it('reads as the screen does', async () => {
    const screen = await screenOf('\x1b[1mone\x1b[0m   two\r\n  <b> & \x1b[31m42%\x1b[0m\r\n▕██▏ — ok');
    const svg = stillSvg(takePicture(screen, columns, rows), 'a title');
    expect(readStill(svg)).toEqual(screen.lines());
    expect(svg).toContain('<title>a title</title>');
  });

  it('has the colours of the cells, and what is inverse the other way round', async () => {
    const svg = stillSvg(await pictureOf('\x1b[31mred\x1b[0m \x1b[7minverse\x1b[0m \x1b[2mfaint'), 't');
    expect(svg).toMatch(/fill="#e06c75"[^>]*>red</);
    expect(svg).toMatch(/<rect [^>]*fill="#c8ccd4"\/><text [^>]*fill="#2b303b"[^>]*>inverse</);
    expect(svg).toMatch(/opacity="\.6"[^>]*>faint</);
  });

  it('refuses a colour beyond the sixteen', async () => {
    const picture = await pictureOf('\x1b[38;5;200mpink');
    expect(() => stillSvg(picture, 't')).toThrow('200');
  });

  it('keeps long stretches to the width of their cells', async () => {
    const svg = stillSvg(await pictureOf('a longer text'), 't');
    expect(svg).toContain(`textLength="${13 * 8.4}"`);
  });
});

describe('a film of pictures', () => {
  it('shows each picture at its time, and the poster to who wants no motion', async () => {
    const texts = ['same\r\nfirst', 'same\r\nsecond\r\nfirst', 'same\r\nthird\r\nsecond', 'same\r\nthird'];
    const screens = await Promise.all(texts.map((text) => screenOf(text)));
    const frames = screens.map((screen) => takePicture(screen, columns, rows));
    const svg = movieSvg(frames, { frameMs: 500, poster: 2, title: 't' });
    for (const [index, screen] of screens.entries()) {
      expect(readFilm(svg, (index + 0.5) * 25)).toEqual(screen.lines());
    }
    expect(svg).toContain(' 2s step-end infinite');
    expect(svg.match(/class="p /g)).toHaveLength(2);
    // What scrolls is written once.
    expect(svg.match(/>second</g)).toHaveLength(1);
  });

  it('needs pictures of one size', async () => {
    const picture = await pictureOf('x');
    const options = { frameMs: 1, poster: 0, title: 't' };
    expect(() => movieSvg([], options)).toThrow('no pictures');
    expect(() => movieSvg([picture, { ...picture, columns: 9 }], options)).toThrow('size');
  });
});

describe('the pictures in media', () => {
  const folder = new URL('../../media/', import.meta.url);
  const files = globSync('*.svg', { cwd: folder.pathname });

  it('are small, of the demo, and tell nothing of the machine they were made on', () => {
    expect(files.toSorted()).toEqual([
      'demo.svg',
      'screen-narrow-trouble.svg',
      'screen-narrow.svg',
      'screen-tiny-trouble.svg',
      'screen-tiny.svg',
      'screen-wide-trouble.svg',
      'screen-wide.svg',
    ]);
    for (const file of files) {
      const svg = readFileSync(new URL(file, folder), 'utf8');
      expect(statSync(new URL(file, folder)).size).toBeLessThan(400_000);
      expect(svg).toMatch(/>demo\b/);
      expect(svg).not.toContain(hostname());
      expect(svg).not.toMatch(/\/(?:home|root|tmp|work|Users)\//);
    }
  });
});
