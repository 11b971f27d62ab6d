/** The variables of a process, or those that one is to be given. */
export type Environment = Readonly<Record<string, string | undefined>>;
