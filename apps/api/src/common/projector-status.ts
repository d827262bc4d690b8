/** Whether somebody folds the log in this process, as health has to know it. */
export interface ProjectorStatus {
  /** Why nobody does at the moment; `undefined` while the projector runs. */
  notRunning(): string | undefined;
}
