/** How the colours of the screen are chosen. */
export const themeNames = ['auto', 'mono', 'high-contrast', 'colour-blind'] as const;

export type ThemeName = (typeof themeNames)[number];

/** How a terminal is told of what a person waits for: its bell, or one of the codes for desktop notifications. */
export const notifyWays = ['off', 'bell', 'osc9', 'osc99', 'osc777'] as const;

export type NotifyWay = (typeof notifyWays)[number];
