import type { Pane } from '../shared/action.ts';
import { shownKey, withKey, type Keymap } from './keymap.ts';

const panes: readonly Pane[] = ['accounts', 'requests', 'log'];

/** What is said of a key that means nothing in the pane that has the keys; where it does, that. */
export const unknownKeyText = (key: string, pane: Pane, keys: Keymap): string => {
  const elsewhere = panes.find((each) => each !== pane && keys.actionFor(key, each) !== null);
  const then = (action: string, does: string): string => withKey(keys, action, (way) => ` · ${way} ${does}`);
  if (elsewhere === undefined) return `${shownKey(key)}: no such key here${then('help', 'help')}`;
  return `${shownKey(key)}: a key of the ${elsewhere}${then(`pane.${elsewhere}`, 'goes there')}`;
};
