/**
 * A person's fair share of the database: of one account, a few operations run at once in this process, and the others
 * wait for their turn. Without it, a client that sends many at once would leave no connection for anyone else. Requests
 * without a valid access token are not counted together: many people share an IP address, and what strangers may do is
 * limited by budgets (core/limits).
 */
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { ServiceBusyError } from '#errors/domain-errors.ts';

/** The embedded database has one connection, which two operations keep busy. */
const SHARE_EMBEDDED = 2;
/** Of the connections of a process. */
const SHARE = 1 / 4;

type Executed = ExecutionResult | Promise<ExecutionResult>;

/** Executes an operation when it is its turn, or answers that too many of the same account wait. */
export type FairShare = (ctx: Ctx, execute: () => Executed) => Executed;

export function createFairShare({ database }: Pick<Config, 'database'>): FairShare {
  const limit = database.kind === 'embedded' ? SHARE_EMBEDDED : Math.ceil(database.poolSize * SHARE);

  async function inTurn(ctx: Ctx, execute: () => Executed): Promise<ExecutionResult> {
    const accountId = await accountOf(ctx);
    if (accountId === null) return execute();
    try {
      return await ctx.keyedQueue.run(`operations ${accountId}`, limit, execute);
    } catch (error) {
      if (error instanceof ServiceBusyError) return refusal(error);
      throw error;
    }
  }

  return (ctx, execute) => (ctx.bearerToken === null ? execute() : inTurn(ctx, execute));
}

/** The account of a valid access token. Whether its session is live is the operation's to ask. */
function accountOf(ctx: Ctx): Promise<string | null> {
  return ctx.claims().then(
    (claims) => claims?.sub ?? null,
    () => null,
  );
}

function refusal({ retryAfterSeconds }: ServiceBusyError): ExecutionResult {
  const extensions = { code: 'TOO_MANY_REQUESTS', retryAfterSeconds };
  return { errors: [new GraphQLError('Too many requests of this account are waiting.', { extensions })] };
}
