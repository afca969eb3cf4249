import { formatPrismaCursor, parsePrismaCursor } from '@pothos/plugin-prisma';
import { resolveCursorConnection } from '@pothos/plugin-relay';
import type { User } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { DEFAULT_PAGE, MAX_PAGE } from '#graphql/connection-arguments.ts';
import { findableById } from '#graphql/entities/entities.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { countUsers, findDisabledAt, findUser, findVisibleUsers, listUsers, type UserOrder } from './users.ts';

const UserOrderEnum = builder.enumType('UserOrder', {
  description: 'Sorts accounts by `createdAt`.',
  values: {
    NEWEST_FIRST: { description: 'Recently created accounts come first.' },
    OLDEST_FIRST: { description: 'The accounts created earliest come first.' },
  } as const satisfies Record<UserOrder, object>,
});

builder.prismaObjectField(UserObject, 'disabledAt', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Since when an administrator has blocked the account; null if it is not blocked. Always null for anyone ' +
      'who is not an administrator.',
    resolve: (user, _args, ctx) => findDisabledAt(ctx, user),
  }),
);

builder.queryField('users', (t) =>
  t.connection(
    {
      type: UserObject,
      nullable: true,
      access: 'admin',
      description: 'Every account that matches all of the given filters.',
      args: {
        search: t.arg.string({
          required: false,
          description:
            'Beginnings of words of the name, email address, username, or phone number, all of which must match: ' +
            '`hopper`, `gra hop`, `@example.org`, `example.org`. Or a complete id. Case and accents do not matter; ' +
            'there are no wildcards.',
        }),
        role: t.arg.string({
          required: false,
          description: 'Only accounts with this platform role, for example `admin`.',
        }),
        isVerified: t.arg.boolean({
          required: false,
          description: 'True for accounts with a verified email address, false for those without, null for both.',
        }),
        isDisabled: t.arg.boolean({
          required: false,
          description: 'True for accounts that administrators have blocked, false for the others, null for both.',
        }),
        orderBy: t.arg({
          type: UserOrderEnum,
          defaultValue: 'NEWEST_FIRST',
          description: 'By default, recently created accounts come first.',
        }),
      },
      resolve: async (_root, { search, role, isVerified, isDisabled, orderBy, ...page }, ctx) => {
        const filter = { search, role, isVerified, isDisabled };
        const connection = await resolveCursorConnection<Promise<User[]>>(
          {
            args: page,
            defaultSize: DEFAULT_PAGE,
            maxSize: MAX_PAGE,
            toCursor: (user) => formatPrismaCursor(user, 'id'),
          },
          ({ after, before, limit, inverted }) =>
            listUsers(ctx, {
              ...filter,
              orderBy,
              limit,
              after: idOf(after),
              before: idOf(before),
              isInverted: inverted,
            }),
        );
        return { ...connection, filter };
      },
    },
    {
      name: 'UsersConnection',
      description: 'A page of accounts, in the order of `orderBy`.',
      fields: (connection) => ({
        totalCount: connection.int({
          description:
            'Number of matching accounts on all pages. Counted only when selected; that takes time on large ' +
            'installations.',
          resolve: ({ filter }, _args, ctx) => countUsers(ctx, filter),
        }),
      }),
    },
    { name: 'UsersEdge', description: 'An account and its place in the list.' },
  ),
);

function idOf(cursor: string | null | undefined): string | null {
  return cursor == null ? null : String(parsePrismaCursor(cursor));
}

findableById('User', findVisibleUsers);

builder.queryField('user', (t) =>
  t.field({
    type: UserObject,
    nullable: true,
    access: 'admin',
    description: 'A single account, whatever its state; null if no account has this id.',
    args: { id: t.arg.id({ description: 'A UUID; anything else finds nothing.' }) },
    resolve: (_root, { id }, ctx) => findUser(ctx, { id }),
  }),
);
