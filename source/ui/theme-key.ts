import { themeNames, type ThemeName } from '../shared/look.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Effect, EffectContext } from './effects/effect.ts';

const isTheme = (name: string): name is ThemeName => themeNames.some((each) => each === name);

/** The one behind that, and behind the last one the first. */
const following = (name: ThemeName): ThemeName =>
  themeNames[(themeNames.indexOf(name) + 1) % themeNames.length] ?? name;

/** Draws in other colours from now on: those of the name that was asked for, else the next ones. Says how to keep them. */
export const createThemeKey =
  ({ looking, tell }: Pick<EffectContext, 'looking' | 'tell'>): Effect =>
  ({ argument }) => {
    if (!looking.theme.colorful) return tell('no colours here: NO_COLOR, --no-color or the terminal says so');
    const name = argument ?? following(looking.theme.name);
    if (!isTheme(name)) {
      return tell(`${sanitize(name, 40)} is no theme; there are ${themeNames.join(', ')}`);
    }
    looking.theme = looking.theme.as(name);
    tell(`theme ${name}; ccr-tui config set screen.theme ${name} keeps it`);
  };
