import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type Client, type ClientEnd } from './client.ts';
import { countRequest, turnRequest, type ClientRequest } from './client-request.ts';
import type { FaultRule } from './faults.ts';
import { seededRandom, type Random } from '../shared/seeded-random.ts';
import { nextConversation, seats, type Conversation, type Habit } from './scenario.ts';
import { makeTrouble } from './trouble.ts';

export type TrafficOptions = {
  /** Of the proxy. */
  url: string;
  /** The same people do the same for the same number. */
  seed: number;
  /** Makes requests fail at the simulated provider; the returned function clears the fault. */
  fail(rule: FaultRule): () => void;
  /** The owner of the account gives it a new token. */
  signIn(account: string): void;
};

/** Between the first requests of the seats: so near that they come before any answer, and take turns. */
const betweenSeatsMs = 120;
/** Claude Code asks this often and with these pauses before it gives up. */
const tries = 5;
const backOffMs = (tried: number): number => Math.min(8000, 500 * 2 ** tried);
const longestWaitMs = 30_000;
/** How long somebody waits whose question was refused for good. */
const givenUpMs = 5000;

const isToAskAgain = ({ status }: Extract<ClientEnd, { kind: 'answered' }>): boolean =>
  status === 429 || status >= 500;

type Talk = {
  client: Client;
  /** Aborted: ask nothing new. */
  signal: AbortSignal;
  /** Aborted: hang up. */
  leaving: AbortSignal;
  pause(ms: number): Promise<unknown>;
};

/** Programs with their retries, on one client. */
const createTalk = ({ client, signal, leaving, pause }: Talk) => {
  /** True when it got an answer, or has itself hung up. */
  const ask = async (request: ClientRequest): Promise<boolean> => {
    for (let tried = 0; tried < tries && !signal.aborted; tried += 1) {
      const end = await client.send(request, leaving);
      if (end.kind === 'left' || (end.kind === 'answered' && !isToAskAgain(end))) return true;
      const wished = end.kind === 'answered' ? (end.retryAfterMs ?? 0) : 0;
      await pause(Math.max(backOffMs(tried), Math.min(wished, longestWaitMs)));
    }
    return false;
  };

  const converse = async (conversation: Conversation): Promise<void> => {
    for (const [index, { thinkMs, agents }] of conversation.turns.entries()) {
      await pause(thinkMs);
      if (signal.aborted) return;
      const count = countRequest(conversation, index);
      if (count !== null) await ask(count);
      const turn = turnRequest(conversation, index);
      if (turn !== null && !(await ask(turn))) await pause(givenUpMs);
      await Promise.all(agents.map((agent) => converse(agent)));
    }
  };

  return {
    /** One conversation after the other. */
    async sit(habit: Habit, afterMs: number, random: Random): Promise<void> {
      await pause(afterMs);
      while (!signal.aborted) {
        await converse(nextConversation(habit, random));
        await pause(habit.thinkMs[1]);
      }
    },
  };
};

/** Starts the people and the happenings of the scenario. They go on until the end, whatever the proxy answers. */
export const startTraffic = ({ url, seed, fail, signIn }: TrafficOptions) => {
  const client = createClient(url);
  const stopping = new AbortController();
  const leaving = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal }).catch(() => undefined);
  const talk = createTalk({ client, signal, leaving: leaving.signal, pause });
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const leaveOne = (): boolean => client.leaveOne();
  const ended = Promise.all([
    ...seats.map((habit, index) => talk.sit(habit, betweenSeatsMs * index, seededRandom(seed + 1 + index))),
    makeTrouble({ random: seededRandom(seed), signal, pause, elapsed, fail, signIn, leaveOne }),
  ]);
  return {
    /** Nobody asks anything new; what is under way goes on. */
    stop: () => stopping.abort(),
    /** Hangs up on everything. Resolves when nothing is left. */
    async close(): Promise<void> {
      stopping.abort();
      leaving.abort();
      await ended;
      client.close();
    },
  };
};

export type Traffic = ReturnType<typeof startTraffic>;
