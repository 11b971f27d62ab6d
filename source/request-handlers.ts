import type { HistoryClient } from './history/client.ts';
import type { CommandHandlers } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import type { RequestId } from './shared/types.ts';
import { heldRequests } from './store/selectors.ts';
import type { Store } from './store/store.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';
import { untilState } from './until-state.ts';

export type RequestHandlerOptions = {
  store: Pick<Store, 'state' | 'subscribe'>;
  proxy: Pick<SupervisedProxy, 'endHold'>;
  history: Pick<HistoryClient, 'heads'>;
};

/** What is asked of requests, those that are held and those that were captured, while an instance runs. */
export const requestHandlers = ({
  store,
  proxy,
  history,
}: RequestHandlerOptions): CommandHandlers<`request.${'release' | 'cancel' | 'heads'}`> => {
  const end = async (request: string, how: 'over' | 'cancelled'): Promise<{ id: RequestId }> => {
    const find = () => heldRequests(store.state()).find(({ id }) => id === request);
    const held = find();
    if (held === undefined) throw new CcrError('unknown_request', 'this request is not held any more');
    proxy.endHold(held.id, how);
    await untilState(store, () => find() === undefined);
    return { id: held.id };
  };
  return {
    'request.release': ({ request }) => end(request, 'over'),
    'request.cancel': ({ request }) => end(request, 'cancelled'),
    'request.heads': ({ request }) => history.heads(request),
  };
};
