import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { screenLook } from '../source/screen-look.ts';
import { usualLook } from '../source/ui/look.ts';
import { temporaryFolders } from './kit/temporary-folders.ts';

const folders = temporaryFolders('look');

it('takes how the screen looks from the settings, and the usual look where they have problems', () => {
  const home = folders();
  const look = () => screenLook({ CCR_TUI_HOME: home });
  expect(look()).toEqual(usualLook);
  const write = (screen: unknown): void =>
    writeFileSync(join(home, 'config.json'), JSON.stringify({ screen }), { mode: 0o600 });
  write({ theme: 'mono', notify: 'bell', keys: ['undo U'] });
  expect(look()).toEqual({ ...usualLook, theme: 'mono', notify: 'bell', keys: ['undo U'] });
  write({ theme: 'neon', notify: 'bell' });
  expect(look()).toEqual(usualLook);
});
