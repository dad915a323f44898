/**
 * Tells people how far long work has come. `done` of `of` parts are behind; the last call has `done` = `of`.
 * @param secondsLeft where the work knows better than its pace so far
 */
export type Progress = (done: number, of: number, what: string, secondsLeft?: number) => void;
