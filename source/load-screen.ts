import { leanly } from './lean-imports.ts';
import type * as OpenScreen from './ui/open-screen.tsx';

let loading: Promise<typeof OpenScreen> | null = null;

/**
 * Loads the screen, once, with React's production build, which is chosen while React loads: the development build costs
 * time and memory on every frame. Not set for the whole program: `run` must pass its environment on as it is.
 */
export const loadScreen = (): Promise<typeof OpenScreen> => {
  process.env['NODE_ENV'] ??= 'production';
  return (loading ??= leanly(() => import('./ui/open-screen.tsx')));
};
