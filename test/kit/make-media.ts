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
const pictures = 78;
const playMs = 350;

const waitMs = 150_000;

/** What a picture of a mood is to show; of several the one with most of it. From and until so many seconds after the start. */
const wanted = {
  '-trouble': {
    from: 12,
    until: 24,
    signs: [/held 0:/, /needs-login/, /limited 5h/, /benched/, /pacing/, /->/, /529/, /401/, /stream/, /→●/],
  },
  '': {
    from: 62,
    until: 78,
    signs: [/7d opus/, /→/, /~\d\d:\d\d/, /5\/5 ready/, /work .*\d%.*\d%/, /stream/],
  },
} as const;
type Mood = keyof typeof wanted;

const signsIn = (lines: readonly string[], mood: Mood): number =>
  wanted[mood].signs.filter((sign) => lines.some((line) => sign.test(line))).length;

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
  lines.filter((line) => /\b(?:work|home|lab|team-a|relay)\b/.test(line)).slice(0, 5);

const count = (lines: readonly string[], what: RegExp): number =>
  lines.filter((line) => what.test(line)).length;

/** Trouble first, because it comes first: nobody can serve, and some wait; then the screen after the reset. */
const moods: readonly { name: Mood; test(lines: string[]): boolean }[] = [
  {
    name: '-trouble',
    test: (lines) => lines.some((line) => /no account can serve/.test(line)) && count(lines, /held 0:/) >= 3,
  },
  { name: '', test: (lines) => signsIn(lines, '') >= 4 && /5\/5 ready/.test(lines[0] ?? '') },
];

const until = async (condition: () => boolean): Promise<void> => {
  for (const end = performance.now() + waitMs; !condition(); await sleep(50)) {
    if (performance.now() > end) throw new Error('the screen never looked as wanted');
  }
};

const film = async (home: string): Promise<void> => {
  const pty = open(home, 'wide');
  try {
    const frames: Picture[] = [];
    const stills = new Map<Mood, { signs: number; index: number }>();
    await pty.waitFor((lines) => accountLines(lines).length === 5);
    const started = performance.now();
    while (frames.length < pictures) {
      frames.push(await settledPicture(pty, sizes.wide));
      const lines = pty.screen.lines();
      const seconds = (performance.now() - started) / 1000;
      for (const mood of ['-trouble', ''] as const) {
        const signs = signsIn(lines, mood);
        const isIn = seconds > wanted[mood].from && seconds < wanted[mood].until;
        // Of two that show as much the later one, on which more has happened.
        if (isIn && signs >= (stills.get(mood)?.signs ?? 0))
          stills.set(mood, { signs, index: frames.length - 1 });
      }
      await sleep(Math.max(0, started + frames.length * pictureEveryMs - performance.now()));
    }
    if (stills.size < 2) throw new Error('the screen was never calm, or never in trouble');
    for (const [mood, { signs, index }] of stills) {
      process.stdout.write(`${signs} of ${wanted[mood].signs.length} signs at ${index} s\n`);
      write(`screen-wide${mood}.svg`, stillSvg(frames[index]!, title('wide', mood)));
    }
    const poster = stills.get('-trouble')!.index;
    const options = { frameMs: playMs, poster, title: 'ccr-tui --demo, three times as fast' };
    write('demo.svg', movieSvg(frames, options));
    pty.send('q');
    await pty.exit;
  } finally {
    await pty.stop();
  }
};

const titles: Readonly<Record<Mood, string>> = { '-trouble': ', with accounts in trouble', '': '' };

const title = (size: SizeName, mood: Mood): string =>
  `ccr-tui --demo at ${sizes[size].join(' by ')}${titles[mood]}`;

const smaller = async (home: string): Promise<void> => {
  const pty = open(home, 'narrow');
  try {
    // Every picture of one mood at the same moment, by changing the size of the terminal.
    for (const { name, test } of moods) {
      pty.resize(...sizes.narrow);
      await sleep(name === '' ? 24_000 : 30_000);
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
