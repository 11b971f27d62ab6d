import { describe, expect, it } from 'vitest';
import { createTheme } from '../../source/ui/theme.ts';
import { openModel, plain } from './open-model.ts';
import { emptyState } from './sample.ts';

const opened = (color = true) => {
  const { model } = openModel(emptyState, undefined, undefined, {
    theme: createTheme({ ascii: false, color }),
  });
  const said = (): string => model.frame().log.join('\n');
  return { model, said };
};

describe('the key for themes', () => {
  it('goes through all of them and begins anew, at once and for the whole screen', () => {
    const { model, said } = opened();
    const looks = [model.frame().header];
    for (const name of ['mono', 'high-contrast', 'colour-blind', 'auto']) {
      model.press('t', plain);
      expect(model.theme().name).toBe(name);
      expect(said()).toContain(`theme ${name}; ccr-tui config set screen.theme ${name} keeps it`);
      looks.push(model.frame().header);
    }
    expect(looks[4]).toBe(looks[0]);
    expect(looks[2]).not.toBe(looks[0]);
    model.close();
  });

  it('changes nothing where there are no colours, and says why', () => {
    const { model, said } = opened(false);
    model.press('t', plain);
    expect(model.theme().name).toBe('auto');
    expect(said()).toContain('no colours here');
    model.close();
  });
});
