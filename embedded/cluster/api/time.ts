/** The API's times have whole seconds. */
export const seconds = (time: Date) => `${time.toISOString().slice(0, 19)}Z`;
