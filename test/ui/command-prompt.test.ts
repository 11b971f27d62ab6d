import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommandPrompt, parseCommand, type CommandLine } from '../../source/ui/command-prompt.ts';
import { standardKeys } from '../../source/ui/keymap.ts';
import { hostileCharacter, hostileText } from '../kit/hostile-text.ts';
import { createDialogs } from '../../source/ui/overlays/dialogs.ts';
import { keyOf } from './key.ts';
import { openModel, plain } from './open-model.ts';
import { accountOf, busyState, now } from './sample.ts';

const place = { keys: standardKeys, accounts: () => ['work', 'home', 'house'] };
const read = (text: string): unknown => {
  const found = parseCommand(text, place);
  return 'message' in found ? found : [found.action.name, found.argument];
};
const asked = (run: (line: CommandLine) => void = () => {}) => createCommandPrompt(place, run)();
const offered = (text: string): string[] =>
  asked()
    .words(text)
    .candidates.map((each) => each.text);

describe('parseCommand', () => {
  it.each([
    ['quit', ['quit', null]],
    ['q', ['quit', null]],
    ['  strategy.choose   drain ', ['strategy.choose', 'drain']],
    ['account.toggle home', ['account.toggle', 'home']],
    ['account.toggle', ['account.toggle', null]],
    ['toggle work', ['account.toggle', 'work']],
    ['account.detail work', ['account.detail', 'work']],
    ['stat 7d', ['statistics.show', '7d']],
    ['requests.filter status>=400 | is:retry', ['requests.filter', 'status>=400 | is:retry']],
  ])('reads %j', (text, found) => {
    expect(read(text)).toEqual(found);
  });

  it.each([
    ['nonsense', 1, 'no such action; ? lists them'],
    ['  account.', 3, '  actions fit; Tab takes one'],
    ['account.toggle  nobody', 17, 'no account nobody here'],
    ['strategy.choose fast', 17, 'no strategy fast here'],
    ['statistics.show 2d', 17, 'no range 2d here'],
    ['quit now', 6, 'nothing can stand behind quit'],
  ])('says where %j is wrong', (text, column, message) => {
    expect(read(text)).toMatchObject({ column });
    // However many of them there are.
    expect(JSON.stringify(read(text)).replace(/\d+ actions/, '  actions')).toContain(message);
  });
});

describe('the prompt for actions', () => {
  it('offers names, and then what may stand behind the name', () => {
    expect(offered('strat')).toEqual(['strategy.choose ']);
    expect(offered('account.toggle ho')).toEqual(['account.toggle home', 'account.toggle house']);
    expect(offered('toggle h')).toEqual(['account.toggle home', 'account.toggle house']);
    expect(offered('strategy.choose dr')).toEqual(['strategy.choose drain']);
    // By what they do, where no name has it.
    expect(offered('pause')).toEqual(['account.toggle ']);
    expect([offered(''), offered('quit now'), offered('quit ')]).toEqual([[], [], []]);
  });

  it('offers every action that has a key, by its name', () => {
    for (const { name } of standardKeys.actions) expect(read(name)).toEqual([name, null]);
  });

  it('says what a name does and with which key, and nothing of a line that may still become right', () => {
    expect(asked().words('undo')).toEqual({
      problem: null,
      candidates: [],
      hint: expect.stringMatching(/^undo .* · u$/) as unknown,
    });
    expect(asked().words('acc').problem).toBeNull();
    expect(asked().words('accx').problem?.column).toBe(1);
  });

  it('remembers lines that were right, each once, and a bounded number of them', () => {
    const prompt = createCommandPrompt(place, () => {});
    for (const text of ['q', 'undo', 'quit', 'nonsense', '']) prompt().enter(text);
    expect(prompt().history).toEqual(['undo', 'quit']);
    const names = standardKeys.actions.filter(({ screen }) => screen.argument === undefined);
    for (let n = 0; n < 3; n += 1) for (const { name } of names) prompt().enter(name);
    for (let n = 0; n < 90; n += 1) prompt().enter(`requests.filter ${n}`);
    expect(prompt().history).toHaveLength(50);
  });

  it.each(hostileText)('shows nothing of %s that acts', (_, text) => {
    const problem = asked().words(`account.toggle ${text}`).problem;
    expect(problem?.message ?? '').not.toMatch(hostileCharacter);
  });
});

describe(':', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const enter = keyOf({ return: true });
  const tab = keyOf({ tab: true });

  it('does what it names, to the account that it names', async () => {
    const { model, session, marked } = openModel(busyState, async () => undefined as never);
    model.press(':toggle ho', plain);
    expect(model.frame().prompt).toBe(' :toggle ho▏');
    expect(model.frame().footer).toContain('home');
    model.press('', tab);
    expect(model.frame().prompt).toBe(' :account.toggle home▏');
    model.press('', enter);
    await vi.advanceTimersByTimeAsync(0);
    expect([model.frame().prompt, session.ran]).toEqual([null, ['account.pause home']]);
    expect(marked()).toContain('home');
  });

  it('opens the statistics of the range that it names', () => {
    const dialogs = createDialogs(null);
    const { model } = openModel(busyState, async () => undefined as never, undefined, { dialogs });
    model.press(':stat 30', plain);
    model.press('', tab);
    expect(model.frame().prompt).toBe(' :statistics.show 30d▏');
    model.press('', enter);
    expect(model.frame().dialog?.join('\n')).toContain(' >30d');
  });

  it('completes, quits with q, and leaves the screen as it was with Esc', () => {
    const { model, quits } = openModel();
    const before = model.frame();
    model.press(':he', plain);
    model.press('', keyOf({ escape: true }));
    expect(model.frame()).toEqual(before);
    model.press(':q', plain);
    model.press('', enter);
    expect(quits).toEqual(['q']);
  });

  it('keeps the panes going, and takes no key but those that mean the program', () => {
    const { model, session, quits } = openModel();
    model.press(':qqpD', plain);
    session.set({ ...busyState, accounts: [accountOf('another')] });
    vi.advanceTimersByTime(1000);
    expect(model.frame().accounts.join('\n')).toContain('another');
    model.press('c', keyOf({ ctrl: true }));
    expect([quits, session.ran]).toEqual([['ctrl+c'], []]);
    expect(model.frame().prompt).toBe(' :qqpD▏');
  });

  it('says at the column what is wrong, and stays', () => {
    const { model } = openModel();
    model.press(':strategy.choose fast', plain);
    model.press('', enter);
    expect(model.frame().footer).toBe(`${' '.repeat(18)}^ no strategy fast here`);
    expect(model.frame().prompt).toContain(':strategy.choose fast');
  });

  it('changes nothing of an instance that may only be read', () => {
    const { session } = openModel();
    const readOnly = openModel(busyState, undefined, undefined, { session: { ...session, readOnly: true } });
    readOnly.model.press(':account.toggle work', plain);
    readOnly.model.press('', enter);
    expect(readOnly.model.frame().log.at(-1)).toContain('READ-ONLY');
    expect(session.ran).toEqual([]);
  });
});
