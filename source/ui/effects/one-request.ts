import type { RequestRow } from '../../store/state.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { openCopyMenu } from '../overlays/copy-menu.ts';
import { openExportMenu } from '../overlays/export-menu.ts';
import { openRequestDetail } from '../overlays/request-detail.ts';
import { shownRows } from '../request-list.ts';
import { requestWindow } from '../request-window.ts';
import type { EffectContext, Effects } from './effect.ts';

/** Keeps the mark of the list at the request that is read, where it would follow the newest one. */
const createMark = ({ looking, step }: EffectContext) => {
  let isHeld = false;
  return {
    hold() {
      isHeld = false;
      if (looking.view.request !== null || looking.view.frozen !== null) return;
      step('requests.follow');
      isHeld = looking.view.request !== null;
    },
    /** Nobody went elsewhere: it follows the newest again. */
    letGo() {
      if (isHeld) looking.view = { ...looking.view, request: null };
    },
  };
};

/** The request at the mark; one that was evicted, of a frozen list, as it was. null when there is none. */
const markedRequest = ({ looking, session }: EffectContext): RequestRow | null => {
  const state = session.state();
  const { rows } = shownRows(looking.view, state);
  const row = rows[requestWindow(looking.view, rows, 1).selected];
  return row === undefined ? null : (state.rows.find(({ seq }) => seq === row.seq) ?? row);
};

/** Opens a menu; when it is closed, what was open under it is there again. */
const openOver = ({ looking, open }: EffectContext, make: (given: DialogContext) => Dialog | null): void => {
  const under = looking.dialog;
  open((given) =>
    make({
      ...given,
      close() {
        const wasOpen = looking.dialog !== null;
        given.close();
        if (wasOpen && looking.dialog === null) looking.dialog = under;
      },
    }),
  );
};

/** What keys do with one request, and with those that are shown: they are read, copied, written to a file. */
export const oneRequestEffects = (context: EffectContext): Effects => {
  const { looking } = context;
  const mark = createMark(context);
  const request = (): RequestRow | null => markedRequest(context);
  const none = (): null => {
    context.tell('no request is shown');
    return null;
  };
  return {
    'request.show': () =>
      context.open((given) => {
        if (request() === null) return none();
        looking.view = { ...looking.view, pane: 'requests' };
        mark.hold();
        return openRequestDetail({
          ...given,
          request,
          walk(action) {
            given.perform(action);
            mark.hold();
          },
          close() {
            mark.letGo();
            given.close();
          },
        });
      }),
    'request.copy': () => {
      if (request() === null) none();
      else openOver(context, (given) => openCopyMenu({ ...given, request }));
    },
    'requests.export': () => {
      const { rows } = shownRows(looking.view, context.session.state());
      openOver(context, (given) => openExportMenu(given, rows));
    },
  };
};
