import type { Document } from './config/document.ts';
import type { Settings } from './config/settings.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';

export type LiveDocument = Pick<Document, 'updateAccounts' | 'updateTogether'>;

export type LiveDocumentOptions = {
  document: LiveDocument;
  settings: Pick<Settings, 'accounts' | 'clientKeys'>;
  proxy: Pick<SupervisedProxy, 'setAccounts' | 'setClientKeys'>;
};

/** The document as a running instance changes it: its settings and its data plane have the records before a change resolves. */
export const liveDocument = ({ document, settings, proxy }: LiveDocumentOptions): LiveDocument => ({
  async updateAccounts(change) {
    settings.accounts = await document.updateAccounts(change);
    proxy.setAccounts(settings.accounts);
    return settings.accounts;
  },
  async updateTogether(change) {
    const lists = await document.updateTogether(change);
    settings.accounts = [...lists.accounts];
    settings.clientKeys = [...lists.clientKeys];
    proxy.setAccounts(settings.accounts);
    proxy.setClientKeys(settings.clientKeys);
    return lists;
  },
});
