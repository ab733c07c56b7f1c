/** Ends of a run after which its state is worth saving. */
import { UserError } from "../errors/user_error.ts";

/** Ended the run before an update; the state from before the step is whole, and worth saving. */
export class RunStop extends UserError {}
