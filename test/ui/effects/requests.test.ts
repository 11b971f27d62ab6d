import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Frame } from '../../../source/ui/frame.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { keyOf } from '../key.ts';
import { openModel, plain } from '../open-model.ts';
import { accountOf, busyState, doneRow, emptyState, now } from '../sample.ts';

const enter = keyOf({ return: true });
const escape = keyOf({ escape: true });
const ctrl = keyOf({ ctrl: true });

/** All lines that a filter is seen on. */
const screenOf = ({ requests, log, prompt, footer }: Frame): string =>
  [...requests, ...log, prompt ?? '', footer].join('');

/** The screen with the requests focused, and what a person reads on it. */
const open = (state = busyState, more: Parameters<typeof openModel>[3] = {}) => {
  const opened = openModel(state, undefined, undefined, more);
  const { model } = opened;
  model.press('2', plain);
  const rows = (): number[] =>
    model
      .frame()
      .requests.slice(2)
      .filter((line) => /\d\d:\d\d:\d\d/.test(line) && !/^ [┌├]/.test(line))
      .map((line) => Number(/ (\d{3}) /.exec(line)?.[1] ?? 0));
  return {
    ...opened,
    rows,
    title: (): string => model.frame().requests[0] ?? '',
    said: (): string => (model.frame().log.at(-1) ?? '').trim(),
    prompt: (): string => (model.frame().prompt ?? '').trim(),
    foot: (): string => model.frame().footer.trim(),
  };
};

describe('requestEffects', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows what matches while a filter is typed, keeps it with Enter, from any pane', () => {
    const { model, rows, title, prompt, foot } = open();
    model.press('1', plain);
    model.press('/', plain);
    expect(prompt()).toMatch(/^filter: /);
    expect(foot()).toMatch(/^text, or account:work status>=400 is:error; ! not, \| or$/);
    model.press('status', plain);
    expect(rows()).toEqual([]);
    model.press('>=500', plain);
    expect(rows()).toEqual([529, 503]);
    expect(title()).toContain('filter: status>=500 · 2 of 8');
    expect(foot()).toBe('Enter keeps it, Esc goes back');
    model.press('', enter);
    expect(model.frame().prompt).toBeNull();
    expect(rows()).toEqual([529, 503]);
    expect(foot()).toMatch(/^Ctrl-F filter off/);
  });

  it('says what is wrong at its column, and goes on showing what matched before', () => {
    const { model, rows, title, prompt, foot } = open();
    model.press('/is:error stat>1', plain);
    const column = (model.frame().prompt ?? '').indexOf('stat>1');
    expect(model.frame().footer.indexOf('^')).toBe(column);
    expect(foot()).toMatch(/^\^ there is no field stat/);
    expect(rows()).toEqual([529, 200, 503]);
    model.press('', enter);
    expect(prompt()).toContain('stat>1');
    model.press('', escape);
    expect(rows()).toHaveLength(8);
    expect(title()).toContain('FOLLOW');
  });

  it('goes back to the filter of before with Esc, and to none where there was none', () => {
    const { model, title } = open();
    model.press('/is:error', plain);
    model.press('', enter);
    model.press('/ model:opus', plain);
    expect(title()).toContain('filter: is:error model:opus · 0 of 8');
    model.press('', escape);
    expect(title()).toContain('filter: is:error · 3 of 8');
  });

  it('goes back to the pane that had the keys, too', () => {
    const { model, title } = open();
    const focused = title();
    model.press('1', plain);
    const elsewhere = title();
    expect(elsewhere).not.toBe(focused);
    model.press('/x', plain);
    model.press('', escape);
    expect(title()).toBe(elsewhere);
  });

  it.each(hostileText)('lets nothing that is offered or typed act on the terminal: %s', (_, text) => {
    const rows = [doneRow(1, { model: `x${text}` }), doneRow(2, { client: `x${text}` })];
    const { model } = open({ ...busyState, accounts: [accountOf(`x${text}`)], rows });
    for (const field of ['model:', 'client:', 'account:']) {
      model.press(`/${field}`, plain);
      expect(screenOf(model.frame())).toContain('x');
      model.press('', keyOf({ tab: true }));
      expect(screenOf(model.frame())).not.toMatch(hostileCharacter);
      model.press('', enter);
      expect(screenOf(model.frame())).not.toMatch(hostileCharacter);
      model.press('/', plain);
      model.paste(text);
      expect(screenOf(model.frame())).not.toMatch(hostileCharacter);
      model.press('', escape);
      model.press('', escape);
      expect(screenOf(model.frame())).not.toMatch(hostileCharacter);
      model.press('u', plain);
      expect(screenOf(model.frame())).not.toMatch(hostileCharacter);
      model.press('', escape);
    }
  });

  it('turns the filter off and on without typing it again', () => {
    const { model, rows, title, said } = open();
    model.press('f', ctrl);
    expect(said()).toBe('there is no filter to turn on or off');
    model.press('fis:error', plain);
    model.press('', enter);
    model.press('f', ctrl);
    expect([rows().length, title().includes('filter off: is:error')]).toEqual([8, true]);
    model.press('f', ctrl);
    expect(rows()).toHaveLength(3);
  });

  it('clears it with Esc once nothing else is open, and takes that back', () => {
    const { model, rows, title, said } = open();
    model.press('/is:error', plain);
    model.press('', enter);
    model.press('z', plain);
    model.press('', escape);
    expect(title()).toContain('filter: is:error');
    model.press('', escape);
    expect(rows()).toHaveLength(8);
    expect(said()).toBe('filter cleared · u undoes');
    model.press('u', plain);
    expect(rows()).toHaveLength(3);
    expect(said()).toBe('undone: filter is:error');
    // An empty filter is none, too.
    model.press('/', plain);
    model.press('u', ctrl);
    model.press('', enter);
    expect([rows().length, said()]).toEqual([8, 'filter cleared · u undoes']);
    vi.advanceTimersByTime(11_000);
    model.press('u', plain);
    expect([rows().length, said()]).toEqual([8, 'nothing to undo']);
  });

  it('has the filters of before under Up', () => {
    const { model, prompt } = open();
    for (const text of ['is:error', 'model:opus', 'is:error']) {
      model.press('/', plain);
      model.press('u', ctrl);
      model.press(text, plain);
      model.press('', enter);
    }
    model.press('', escape);
    model.press('/', plain);
    model.press('', keyOf({ upArrow: true }));
    expect(prompt()).toContain('is:error');
    model.press('', keyOf({ upArrow: true }));
    expect(prompt()).toContain('model:opus');
    model.press('', keyOf({ upArrow: true }));
    expect(prompt()).toContain('model:opus');
  });

  it('goes from error to error, and says when it went round, or that there is none', () => {
    const { model, marked, said } = open();
    model.press('N', plain);
    expect(marked()).toContain('503 refused');
    model.press('NN', plain);
    expect(marked()).toContain('529 busy');
    model.press('N', plain);
    expect(marked()).toContain('503 refused');
    expect(said()).toBe('none that failed above: went on from the other end');
    model.press('n', plain);
    expect(said()).toBe('none that failed below: went on from the other end');
    const calm = open({ ...busyState, rows: [doneRow(1)] });
    calm.model.press('n', plain);
    expect(calm.said()).toBe('no failed request among 1');
  });

  it('takes a filter from the command prompt, too, and says where one is wrong', () => {
    const { model, rows, said } = open();
    model.press(':requests.filter is:error', plain);
    model.press('', enter);
    expect(rows()).toEqual([529, 200, 503]);
    model.press(':requests.filter is:x', plain);
    model.press('', enter);
    expect(said()).toMatch(/^filter, column 4: is takes one of/);
    expect(rows()).toEqual([529, 200, 503]);
  });

  it('clears what a filter hides, too, and says of how many', () => {
    const { model, rows } = open();
    model.press('/status:503', plain);
    model.press('', enter);
    model.press('C', plain);
    expect(model.frame().dialog?.join('\n')).toContain('Takes 6 finished requests');
    model.press('y', plain);
    model.press('f', ctrl);
    expect(rows()).toEqual([200, 0]);
  });

  it('clears the view once y was said, leaves what runs, and takes it back', () => {
    const { model, rows, said, session } = open();
    model.press('C', plain);
    expect(model.frame().dialog?.join('\n')).toContain(
      'Takes 6 finished requests out of view; what is under way stays.',
    );
    model.press('', enter);
    expect(model.frame().dialog).not.toBeNull();
    model.press('y', plain);
    expect(rows()).toEqual([200, 0]);
    expect(said()).toBe('view cleared · u undoes');
    model.press('C', plain);
    expect(said()).toBe('there is nothing to clear');
    model.press('u', plain);
    expect(rows()).toHaveLength(8);
    expect(session.ran).toEqual([]);
  });

  it('says that nothing is left by a filter or by clearing, and of how many', () => {
    const { model } = open();
    model.press('/nothing has this', plain);
    model.press('', enter);
    expect(model.frame().requests.join('\n')).toContain(
      'No request matches nothing has this; Ctrl-F shows all 8',
    );
    const none = open({ ...emptyState, accounts: busyState.accounts });
    none.model.press('/x', plain);
    none.model.press('', enter);
    expect(none.model.frame().requests.join('\n')).toContain('ccr-tui run -- claude');
  });

  it('says the order in words, in the title or, where there is none, in a notice', () => {
    const { model, title, rows } = open();
    model.press('o', plain);
    expect(title()).toContain('running, then slowest first (o)');
    model.press('O', plain);
    expect(title()).toContain('fastest first, then running (o)');
    expect(rows().slice(-2)).toEqual([200, 0]);
    model.resize({ columns: 40, rows: 12 });
    model.press('O', plain);
    expect(model.frame().footer).toContain('running, then slowest first');
  });

  it('sorts the list that has the keys: the accounts too, the log never', async () => {
    const { model, session, said } = open();
    model.press('1oo', plain);
    const [title = '', , ...lines] = model.frame().accounts;
    expect(title).toContain('most used first (o)');
    expect(lines.map((line) => /[●◐○✗↻] (\S+)/.exec(line)?.[1]).slice(0, 4)).toEqual([
      'team-a',
      'work',
      'home',
      'spare',
    ]);
    // The key acts on the account under the mark.
    model.press('p', plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(session.ran).toEqual(['account.pause team-a']);
    model.press('3o', plain);
    expect(said()).toBe('the log is in the order of time');
  });

  it('does all of that on a screen that may only read, and promises no undo there', () => {
    const { model, rows, said, session } = open();
    Object.assign(session, { readOnly: true });
    model.press('/is:error', plain);
    model.press('', enter);
    model.press('noO', plain);
    model.press('', escape);
    expect([rows().length, said()]).toEqual([8, 'filter cleared']);
  });
});
