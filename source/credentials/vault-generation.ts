import type { OpenVault } from './open-vault.ts';
import type { LastSeen, VaultPaths } from './vault-files.ts';

/**
 * Tells a vault that is older than it was: an old copy was put there, by its owner or by somebody else. A warning and no
 * more, because its owner may.
 */
export const watchGeneration = ({ vault }: VaultPaths, onWarning: (text: string) => void) => {
  let seen: LastSeen | null = null;
  let told = -1;
  return {
    seen: (next: LastSeen): void => {
      seen = next;
    },
    /**
     * The vault, with the generation that the next write counts on from. `noted` was read before it: another process that
     * writes meanwhile must not make it look old.
     */
    look: (opened: OpenVault, noted: LastSeen | null): OpenVault => {
      if (opened.bytes === null) return opened;
      const id = opened.slot.id.toString('hex');
      // Version 1 had no id; where one of version 2 was noted, any of version 1 is from before.
      const isSame = (each: LastSeen | null): boolean => each?.id === id || opened.version === 1;
      const known = [seen, noted].map((each) => (each !== null && isSame(each) ? each.generation : 0));
      const last = Math.max(...known);
      if (opened.generation < last && told !== last) {
        told = last;
        onWarning(
          `the vault ${vault} is older than it was (write ${opened.generation}, after write ${last}): what was stored in between is not in it`,
        );
      }
      const generation = Math.max(opened.generation, last);
      seen = { id, generation };
      return { ...opened, generation };
    },
  };
};
