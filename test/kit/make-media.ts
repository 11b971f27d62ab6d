import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPty, type Pty } from './pty.ts';
import { movieSvg, stillSvg, takePicture, type Picture } from './screen-svg.ts';
import { temporaryHome } from './temporary-home.ts';

// `npm run media`: the pictures of the README, taken of the real program in a real terminal. Takes three minutes. Nothing
// in them is drawn by hand; what they show is the demo.

const folder = new URL('../../media/', import.meta.url);
const sizes = { wide: [100, 30], narrow: [60, 20], tiny: [30, 6] } as const;
type SizeName = keyof typeof sizes;

/** The film: a picture a second, played this fast. */
const pictureEveryMs = 1000;
const pictures = 66;
const playMs = 350;

const waitMs = 150_000;
const troubled = /limited|pacing|benched|backing off|overloaded/;

const write = (name: string, svg: string): void => {
  writeFileSync(new URL(name, folder), svg);
  process.stdout.write(`media/${name}  ${Math.ceil(svg.length / 1024)} KiB\n`);
};

/** The screen once nothing has been drawn on it for a moment: never half a frame. */
const settledPicture = async (pty: Pty, [columns, rows]: readonly [number, number]): Promise<Picture> => {
  for (let before = -1, tries = 0; before !== pty.raw().length && tries < 20; tries += 1) {
    before = pty.raw().length;
    await sleep(30);
  }
  return takePicture(pty.screen, columns, rows);
};

const open = (home: string, size: SizeName): Pty => {
  const [columns, rows] = sizes[size];
  // Always the same port and time zone: the pictures are to change only with the program.
  const env = { CCR_TUI_HOME: undefined, TZ: 'UTC' };
  return startPty(['--demo', '--port', '4180'], { home, columns, rows, env });
};

const accountLines = (lines: string[]): string[] =>
  lines.filter((line) => /\b(?:work|home|team-a|relay)\b/.test(line)).slice(0, 4);

const isTroubled = (lines: string[]): boolean => accountLines(lines).some((line) => troubled.test(line));

/** Trouble first, because it comes first; then the screen after the reset. */
const moods = [
  {
    name: '-trouble',
    test: (lines: string[]) => isTroubled(lines) && /\b(?:529|429)\b/.test(lines.join('\n')),
  },
  { name: '', test: (lines: string[]) => lines.length > 0 && !isTroubled(lines) },
] as const;

const until = async (condition: () => boolean): Promise<void> => {
  for (const end = performance.now() + waitMs; !condition(); await sleep(50)) {
    if (performance.now() > end) throw new Error('the screen never looked as wanted');
  }
};

const film = async (home: string): Promise<void> => {
  const pty = open(home, 'wide');
  try {
    const frames: Picture[] = [];
    const stills = new Map<string, Picture>();
    await pty.waitFor((lines) => accountLines(lines).length === 4);
    const started = performance.now();
    while (frames.length < pictures) {
      frames.push(await settledPicture(pty, sizes.wide));
      const lines = pty.screen.lines();
      // Once there is something to see below, and again as long as it lasts: the fullest one stays.
      const seconds = (performance.now() - started) / 1000;
      if (seconds > 14 && seconds < 24 && isTroubled(lines)) stills.set('-trouble', frames.at(-1)!);
      if (seconds > 57 && !isTroubled(lines)) stills.set('', frames.at(-1)!);
      await sleep(Math.max(0, started + frames.length * pictureEveryMs - performance.now()));
    }
    if (stills.size < 2) throw new Error('the screen was never calm, or never in trouble');
    for (const [mood, picture] of stills)
      write(`screen-wide${mood}.svg`, stillSvg(picture, title('wide', mood)));
    const options = { frameMs: playMs, poster: 20, title: 'ccr-tui --demo, three times as fast' };
    write('demo.svg', movieSvg(frames, options));
    pty.send('q');
    await pty.exit;
  } finally {
    await pty.stop();
  }
};

const title = (size: SizeName, mood: string): string =>
  `ccr-tui --demo at ${sizes[size].join(' by ')}${mood === '' ? '' : ', with an account at its limit'}`;

const smaller = async (home: string): Promise<void> => {
  const pty = open(home, 'narrow');
  try {
    // Every picture of one mood at the same moment, by changing the size of the terminal.
    for (const { name, test } of moods) {
      pty.resize(...sizes.narrow);
      await sleep(name === '' ? 56_000 : 15_000);
      await until(() => test(pty.screen.lines()));
      for (const size of ['narrow', 'tiny'] as const) {
        const [columns, rows] = sizes[size];
        pty.resize(columns, rows);
        await sleep(400);
        write(
          `screen-${size}${name}.svg`,
          stillSvg(await settledPicture(pty, sizes[size]), title(size, name)),
        );
      }
    }
    pty.send('q');
    await pty.exit;
  } finally {
    await pty.stop();
  }
};

const home = await temporaryHome();
try {
  mkdirSync(folder, { recursive: true });
  await film(home.path);
  await smaller(home.path);
} finally {
  await home.remove();
}
