import type { DialogContext } from '../dialog.ts';
import type { KeyHint } from '../keymap.ts';

/** What a dialog has sent and waits for. It goes on when the dialog is closed, and whoever sent it hears of its end. */
export type Sending = {
  /** Something is on its way: nothing may be typed. */
  isBusy(): boolean;
  /** `closed`: the dialog has gone meanwhile, so that a sentence is all that can be said. After `failed` more can be typed. Never rejects. */
  send<Result>(
    work: () => Promise<Result>,
    done: (result: Result, closed: boolean) => void,
    failed: (error: unknown, closed: boolean) => void,
  ): Promise<void>;
  close(): void;
};

/** In place of the keys for typing, meanwhile. */
export const sendingKeys: readonly KeyHint[] = [{ key: 'Esc', text: 'close; it goes on' }];

export const createSending = ({ close, changed }: Pick<DialogContext, 'close' | 'changed'>): Sending => {
  let busy = false;
  let closed = false;
  return {
    isBusy: () => busy,
    async send(work, done, failed) {
      busy = true;
      try {
        const result = await work();
        done(result, closed);
      } catch (error) {
        busy = false;
        failed(error, closed);
      }
      changed();
    },
    close() {
      closed = true;
      close();
    },
  };
};
