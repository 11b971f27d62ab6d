import { expect, test } from 'vitest';
import { decidedStore } from '../../source/credentials/decided-store.ts';

test('the newest account decides, those in memory do not', () => {
  expect(decidedStore([])).toBeNull();
  expect(decidedStore([{ store: 'memory' }])).toBeNull();
  expect(decidedStore([{ store: 'keychain' }, { store: 'vault' }, { store: 'memory' }])).toBe('vault');
});
