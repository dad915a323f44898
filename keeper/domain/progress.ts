/** Tells people how far long work has come. `done` of `of` parts are behind; the last call has `done` = `of`. */
export type Progress = (done: number, of: number, what: string) => void;
