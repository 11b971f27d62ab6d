import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import * as sample from './samples.ts';
import { after, limited, minute, moved, overloaded, second, texts, turn, view } from './story.ts';

describe('conversations that move', () => {
  const before = [turn(-9, 'a', 'team-a'), turn(-8, 'b', 'team-a'), turn(-7, 'c', 'team-a')];

  test('are counted, each once, in the sentence that says why, also when they moved a moment before it', () => {
    expect(
      texts(
        ...before,
        moved(0, 'a', 'work', 'team-a'),
        view(40, 'team-a', limited()),
        moved(2 * second, 'b', 'work'),
        turn(3 * second, 'a', 'work'),
        moved(4 * second, 'b', 'work', 'team-a'),
      ),
    ).toEqual(['team-a reached its 5h limit, back at 14:19; 2 conversations moved to work']);
  });

  test('later than a few seconds have a sentence of their own, which counts on', () => {
    expect(
      texts(
        ...before,
        view(0, 'team-a', { state: 'paused', reason: 'paused by you' }),
        moved(second, 'a', 'work'),
        moved(20 * second, 'b', 'work'),
        moved(50 * second, 'c', 'home'),
      ),
    ).toEqual([
      'team-a paused; 1 conversation moved to work',
      '2 conversations moved from team-a to work and home',
    ]);
  });

  test('are told as soon as another account answers a stream, not at its end', () => {
    const { id } = sample.finishedRequest(900);
    const begun = { ...sample.started(900), session: 'a', at: after(1000) } as ProxyEvent;
    const chosen = { ...sample.chosen(900, 'work', 1, 'moved'), at: after(1001) };
    const answered = { ...sample.answered(900, 'work'), id, at: after(1002) } as ProxyEvent;
    expect(texts(...before, view(0, 'team-a', limited()), begun, chosen).at(-1)).toMatch(/back at 14:19$/);
    expect(texts(...before, view(0, 'team-a', limited()), begun, chosen, answered).at(-1)).toMatch(
      /; 1 conversation moved to work$/,
    );
  });

  test('are not told when nobody knows from where, nor when the other account failed them too', () => {
    const failed = moved(1000, 'a', 'work');
    const request = failed.type === 'requestFinished' ? { ...failed.request, status: 529 } : null;
    expect(
      texts(
        ...before,
        view(0, 'team-a', limited()),
        { ...failed, request } as ProxyEvent,
        moved(1000, 'unheard of', 'work'),
      ),
    ).toEqual(['team-a reached its 5h limit, back at 14:19']);
  });

  test('are told in a sentence that was counted again just now', () => {
    const benched = (ms: number): ProxyEvent => view(ms, 'team-a', overloaded(after(ms + second)));
    expect(
      texts(
        ...before,
        benched(0),
        view(second, 'team-a'),
        benched(30 * second),
        moved(31 * second, 'a', 'work'),
      ),
    ).toEqual([
      'team-a is overloaded (529), trying again in 1s (2 times in a minute); 1 conversation moved to work',
    ]);
  });

  test('are many when an account serves many', () => {
    const sessions = Array.from({ length: 500 }, (_, n) => `session ${n}`);
    const said = texts(
      ...sessions.map((session) => turn(0, session, 'team-a')),
      view(1, 'team-a', limited()),
      ...sessions.map((session) => moved(second, session, 'work')),
    );
    expect(said).toEqual(['team-a reached its 5h limit, back at 14:19; 500 conversations moved to work']);
  });

  test('are told however long their account is away, and whatever else is told meanwhile', () => {
    const others = Array.from({ length: 5 }, (_, n) =>
      view((n + 2) * minute, 'home', { paused: n % 2 === 0 }),
    );
    expect(
      texts(...before, view(0, 'team-a', limited()), ...others, moved(11 * minute, 'a', 'work')).at(-1),
    ).toBe('1 conversation moved from team-a to work');
  });

  test('from an account that serves again are no news, a moment after it was away, either', () => {
    const said = texts(
      ...before,
      view(0, 'team-a', { state: 'paused' }),
      view(second, 'team-a'),
      moved(2 * second, 'a', 'work'),
    );
    expect(said).toEqual(['team-a paused', 'team-a resumed']);
  });

  test('are looked for where they were served last, not where an account failed them', () => {
    const failed = turn(second, 'a', 'home');
    const request = failed.type === 'requestFinished' ? { ...failed.request, status: 529 } : null;
    expect(
      texts(
        ...before,
        view(0, 'team-a', limited()),
        { ...failed, request } as ProxyEvent,
        moved(2 * second, 'a', 'work'),
      ),
    ).toEqual(['team-a reached its 5h limit, back at 14:19; 1 conversation moved to work']);
  });

  test('from an account that is well are no news', () => {
    expect(texts(...before, moved(second, 'a', 'work'), view(minute, 'team-a', limited()))).toEqual([
      'team-a reached its 5h limit, back at 14:19',
    ]);
  });
});
