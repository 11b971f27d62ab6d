import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQuitQuestion, graceMs } from '../source/quit-question.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A screen on a proxy with so many requests in flight. */
const opened = (inFlight: number, drainMs = 30_000) => {
  const pushed: string[] = [];
  const listeners = new Set<() => void>();
  const shown: (string | null)[] = [];
  let answers: Readonly<Record<string, () => void>> = {};
  let running = inFlight;
  const question = createQuitQuestion({ monotonic: () => performance.now() }, (key) => pushed.push(key));
  question.watch(
    {
      setNotice: (text, given = {}) => {
        shown.push(text);
        answers = given;
      },
    },
    {
      inFlight: () => running,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      drainMs: () => drainMs,
    },
  );
  const end = (left: number): void => {
    running = left;
    for (const listener of listeners) listener();
  };
  return { question, pushed, shown, end, listeners, answer: (key: string) => answers[key]?.() };
};

describe('a key that quits', () => {
  it('quits at once with nothing in flight, where the proxy is elsewhere, and where nothing may finish', () => {
    const pushed: string[] = [];
    createQuitQuestion({ monotonic: () => 0 }, (key) => pushed.push(key)).press('q');
    for (const { question, pushed: each } of [opened(0), opened(3, 0)]) {
      question.press('ctrl+c');
      expect(each).toEqual(['ctrl+c']);
    }
    expect([pushed, vi.getTimerCount()]).toEqual([['q'], 0]);
  });

  it('says what finishes and how long it may, and counts down', () => {
    const { question, shown, end, pushed } = opened(3);
    question.press('q');
    expect(shown).toEqual(['draining 3, 30 s; again = now, Esc = stay, d = refuse new ones']);
    vi.advanceTimersByTime(2000);
    end(2);
    expect(shown.at(-1)).toMatch(/^draining 2, 28 s; again = now/);
    expect(pushed).toEqual([]);
  });

  it('is taken back by Esc, and asks anew afterwards', () => {
    const { question, shown, pushed, answer, listeners } = opened(1);
    question.press('q');
    vi.advanceTimersByTime(3000);
    answer('escape');
    expect([shown.at(-1), listeners.size, vi.getTimerCount()]).toEqual([null, 0, 0]);
    vi.advanceTimersByTime(60_000);
    expect(pushed).toEqual([]);
    question.press('ctrl+c');
    expect(shown.at(-1)).toMatch(/^draining 1, 30 s/);
  });

  it('means now when it comes again, whichever of the two, and d no new requests', () => {
    for (const [second, keys] of [
      ['ctrl+c', ['q', 'ctrl+c']],
      ['q', ['q', 'q']],
    ] as const) {
      const { question, pushed } = opened(1);
      question.press('q');
      question.press(second);
      expect(pushed).toEqual(keys);
    }
    const { question, pushed, answer } = opened(1);
    question.press('q');
    answer('d');
    expect(pushed).toEqual(['q']);
    // From then on it is for whoever waits for requests.
    question.press('q');
    expect([pushed, vi.getTimerCount()]).toEqual([['q', 'q'], 0]);
    const typed = opened(1);
    typed.question.press('ctrl+c');
    typed.answer('q');
    expect(typed.pushed).toEqual(['ctrl+c', 'q']);
  });

  it('goes on without an answer, with what is left of the time, and at once when all have ended', () => {
    const { question, pushed } = opened(1);
    question.press('q');
    vi.advanceTimersByTime(graceMs - 1000);
    expect(pushed).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(pushed).toEqual(['q']);
    expect(question.leftMs()).toBe(30_000 - graceMs);
    const other = opened(1);
    other.question.press('ctrl+c');
    other.end(0);
    expect([other.pushed, vi.getTimerCount()]).toEqual([['ctrl+c'], 0]);
  });

  it('asks nothing more once it ends for another reason', () => {
    const { question, shown, pushed, listeners } = opened(1);
    question.press('q');
    question.settle();
    vi.advanceTimersByTime(60_000);
    expect([shown.length, pushed, listeners.size]).toEqual([1, [], 0]);
  });
});
