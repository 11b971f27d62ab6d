import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../source/shared/clock.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { createStore } from '../../source/store/store.ts';
import { keyNames } from '../../source/ui/keymap.ts';
import { createScreenModel, type ScreenModel } from '../../source/ui/screen-model.ts';
import { Screen } from '../../source/ui/screen.tsx';
import { createTheme } from '../../source/ui/theme.ts';
import { accountOf, finishedOf, liveOf } from './sample.ts';

const open: ScreenModel[] = [];

/** The screen over the real store; events go in, keys go in, frames come out. */
const start = (size = { columns: 100, rows: 24 }) => {
  const store = createStore({ clock: systemClock, price: priceOf });
  const quits: string[] = [];
  const model = createScreenModel({
    session: { ...store, run: () => Promise.reject(new Error('no commands here')) },
    clock: systemClock,
    theme: createTheme({ ascii: false, color: false }),
    size,
    onQuit: (key) => quits.push(key),
  });
  open.push(model);
  const names: string[] = [];
  const pasted: string[] = [];
  const recording: ScreenModel = {
    ...model,
    press: (text, key) => {
      names.push(...keyNames(text, key));
      model.press(text, key);
    },
    paste: (text) => {
      pasted.push(text);
      model.paste(text);
    },
  };
  const terminal = render(createElement(Screen, { model: recording }));
  const lines = (): string[] => (terminal.lastFrame() ?? '').split('\n');
  const until = async (test: (text: string) => boolean): Promise<string[]> => {
    while (!test(terminal.lastFrame() ?? '')) await new Promise((resolve) => setImmediate(resolve));
    return lines();
  };
  return { store, model, quits, terminal, lines, until, names, pasted };
};

const unknownKeys =
  '\u001B[11~\u001BOP\u001B[24~\u001B[25~\u001B[2~\u001B[I\u001B[O\u001B[<0;3;4M\u001B[12;40R\u001B[?62;22c\u001B[1;5P';

/** Ink listens for keys once its effects have run. */
const ready = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('Screen', () => {
  afterEach(() => {
    for (const model of open.splice(0)) model.close();
  });

  it('shows what the events tell, from the first account to a finished request', async () => {
    const { store, until, lines } = start();
    expect(lines().join('\n')).toContain('add an API key');
    const now = asEpoch(Date.now());
    const account = accountOf('work');
    const { id } = liveOf();
    store.apply([
      { type: 'listening', at: now, url: 'http://127.0.0.1:4180', host: '127.0.0.1', port: 4180 },
      { type: 'accountChanged', at: now, account },
      {
        type: 'requestStarted',
        at: now,
        id,
        method: 'POST',
        path: '/v1/messages',
        client: 'default',
        clientAddress: '127.0.0.1',
        agent: 'claude-code',
        session: null,
        project: null,
        model: 'claude-opus-5-5',
        stream: true,
      },
    ]);
    const live = await until((text) => text.includes('waiting'));
    expect(live[0]).toContain('127.0.0.1:4180  1 account, 1 ready  1 in flight');
    const { costUsd: _, ...request } = finishedOf({ id, at: now, model: 'claude-opus-5-5' });
    store.apply([{ type: 'requestFinished', at: now, request }]);
    const done = await until((text) => text.includes('200 ok'));
    expect(done.filter((line) => line.includes('opus-5.5'))).toHaveLength(1);
    expect(done[0]).toContain('0 in flight');
  });

  it('fills the terminal exactly, with and without the help', async () => {
    const { terminal, lines, until } = start({ columns: 100, rows: 24 });
    expect(lines()).toHaveLength(24);
    await ready();
    terminal.stdin.write('?');
    await until((text) => text.includes('where you are'));
    expect(lines()).toHaveLength(24);
    terminal.stdin.write('?');
    await until((text) => !text.includes('where you are'));
  });

  it('hands every key of one write to the model', async () => {
    const { terminal, quits } = start();
    await ready();
    terminal.stdin.write('q\u0003q');
    expect(quits).toEqual(['q', 'ctrl+c', 'q']);
  });

  it('takes pasted text for text and not for keys', async () => {
    const { terminal, quits } = start();
    await ready();
    terminal.stdin.write('\u001B[200~quit quickly\u001B[201~');
    terminal.stdin.write('\u0003');
    expect(quits).toEqual(['ctrl+c']);
  });

  it.each([
    ['four arrows', '\u001B[B'.repeat(4), ['down', 'down', 'down', 'down']],
    ['application arrows', '\u001BOA\u001BOB', ['up', 'down']],
    ['letters', 'jjjj', ['j', 'j', 'j', 'j']],
    ['pages', '\u001B[5~\u001B[6~', ['pageup', 'pagedown']],
    ['both kinds of Home and End', '\u001B[H\u001B[F\u001B[1~\u001B[4~', ['home', 'end', 'home', 'end']],
    [
      'left, right, delete, backspace',
      '\u001B[D\u001B[C\u001B[3~\u007F',
      ['left', 'right', 'delete', 'backspace'],
    ],
    ['backwards', '\u001B[Z\t', ['shift+tab', 'tab']],
    ['control letters', '\u000C\u0004\u0004', ['ctrl+l', 'ctrl+d', 'ctrl+d']],
    ['one control letter', '\u000C', ['ctrl+l']],
    ['suspend', '\u001A', ['ctrl+z']],
    ['a space', ' ', ['space']],
    ['function keys, focus, mouse and what else is no key of ours', unknownKeys, []],
  ])('reads %s in one write', async (_, bytes, expected) => {
    const { terminal, names } = start();
    await ready();
    terminal.stdin.write(bytes);
    expect(names).toEqual(expected);
  });

  it('reads a sequence that comes in pieces', async () => {
    const { terminal, names } = start();
    await ready();
    for (const piece of ['\u001B', '[', 'B', 'j\u001B[', '5', '~']) terminal.stdin.write(piece);
    expect(names).toEqual(['down', 'j', 'pageup']);
  });

  it('reads an Escape alone once nothing follows', async () => {
    const { terminal, names } = start();
    await ready();
    terminal.stdin.write('\u001B');
    await expect.poll(() => names).toEqual(['escape']);
  });

  it('takes a paste as one text, also when it comes in pieces, and the keys behind it as keys', async () => {
    const { terminal, names, pasted } = start();
    await ready();
    for (const piece of ['j\u001B[200~q one', '\u001B[A\r\n', 'two\u001B[2', '01~k'])
      terminal.stdin.write(piece);
    expect(pasted).toEqual(['q one\u001B[A\r\ntwo']);
    expect(names).toEqual(['j', 'k']);
  });

  it('is one line where nothing fits', async () => {
    const { model, until } = start();
    model.resize({ columns: 24, rows: 5 });
    expect(await until((text) => text.includes('needed'))).toEqual(['30x6 needed, have 24x5']);
  });
});
