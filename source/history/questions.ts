import { CcrError } from '../shared/errors.ts';

/** What the thread answers to a question, or why there is no answer, in words. */
export type Answer<Reply> = { id: number } & ({ answer: Reply } | { problem: string });

export type Questions<Question, Reply> = {
  /** Rejects with `history_unavailable` when there is no answer, or too many are asked for. */
  ask(question: Question): Promise<Reply>;
  answered(answer: Answer<Reply>): void;
  /** Nobody answers any more what was asked until now. */
  giveUp(reason: string): void;
  /** Nor what is asked from now on. */
  close(reason: string): void;
};

/** A screen asks once at a time for each of its ranges; more at once than this nobody waits for. */
const mostOpen = 32;

const unavailable = (reason: string): CcrError => new CcrError('history_unavailable', reason);

/** Questions to the thread of the history; `post` sends one to it. */
export const createQuestions = <Question, Reply>(
  post: (id: number, question: Question) => void,
): Questions<Question, Reply> => {
  const open = new Map<number, PromiseWithResolvers<Reply>>();
  let last = 0;
  let closed: string | null = null;
  const giveUp = (reason: string): void => {
    for (const asked of open.values()) asked.reject(unavailable(reason));
    open.clear();
  };
  return {
    ask(question) {
      if (closed !== null) return Promise.reject(unavailable(closed));
      if (open.size >= mostOpen) return Promise.reject(unavailable('the history is busy'));
      const asked = Promise.withResolvers<Reply>();
      open.set((last += 1), asked);
      post(last, question);
      return asked.promise;
    },
    answered(answer) {
      const asked = open.get(answer.id);
      open.delete(answer.id);
      if ('answer' in answer) asked?.resolve(answer.answer);
      else asked?.reject(unavailable(answer.problem));
    },
    giveUp,
    close(reason) {
      closed = reason;
      giveUp(reason);
    },
  };
};
