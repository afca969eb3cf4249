import { formatPrismaCursor, parsePrismaCursor } from '@pothos/plugin-prisma';
import { resolveCursorConnection } from '@pothos/plugin-relay';
import type { User } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { DEFAULT_PAGE, MAX_PAGE } from '#graphql/connection-arguments.ts';
import { UserObject } from '#graphql/objects.ts';
import { countUsers, findDisabledAt, findUser, listUsers, type UserOrder } from './users.ts';

const UserOrderEnum = builder.enumType('UserOrder', {
  description: 'The order of a list of accounts.',
  values: {
    NEWEST_FIRST: { description: 'The account made last comes first.' },
    OLDEST_FIRST: { description: 'The account made first comes first.' },
  } as const satisfies Record<UserOrder, object>,
});

builder.prismaObjectField(UserObject, 'disabledAt', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description: 'Since when the account is disabled; null when it is not, and for everybody but administrators.',
    resolve: (user, _args, ctx) => findDisabledAt(ctx, user),
  }),
);

builder.queryField('users', (t) =>
  t.connection(
    {
      type: UserObject,
      nullable: true,
      access: 'admin',
      description: 'All accounts, by search and filters; together they narrow the list.',
      args: {
        search: t.arg.string({
          required: false,
          description:
            'How an email address, username, phone number or name begins, whatever the case; or a whole id. No wildcards.',
        }),
        role: t.arg.string({ required: false, description: 'Only with this platform role.' }),
        isVerified: t.arg.boolean({
          required: false,
          description: 'Only with (true) or without (false) a proven address.',
        }),
        isDisabled: t.arg.boolean({ required: false, description: 'Only disabled (true) or enabled (false) ones.' }),
        orderBy: t.arg({ type: UserOrderEnum, defaultValue: 'NEWEST_FIRST', description: 'In which order.' }),
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
      description: 'One page of the accounts.',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'How many there are behind all pages; counted only when asked for.',
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

builder.queryField('user', (t) =>
  t.field({
    type: UserObject,
    nullable: true,
    access: 'admin',
    description: 'One account; null when there is none of this id.',
    args: { id: t.arg.id({ description: 'Its id.' }) },
    resolve: (_root, { id }, ctx) => findUser(ctx, { id }),
  }),
);
