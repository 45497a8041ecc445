"""moto_server, without the work that grows with what is in it.

- The list of moto's modules is read from the file system by each request, under
  a lock.
- Each JSONPath of a state machine or an event rule builds its parser's tables.
- Each request is written to the log.
- Each request to a new account makes that account's IAM, all managed policies
  included, to note when an access key was last used.
- Each look at an account's resources goes through the list of all accounts, under
  a lock.
- Each write of a DynamoDB transaction copies the whole table beforehand, in case
  the transaction fails; what the transaction names is enough.
"""

import collections
import copy
import functools
import logging
import sys
import types

import jsonpath_ng.ext
import moto.backends
import moto.dynamodb.models
import moto.iam.models
from moto.core.base_backend import BackendDict
from moto.dynamodb.models.dynamo_type import DynamoType

modules = tuple(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: modules

# Before moto's modules take the name over.
jsonpath_ng.ext.parse = functools.lru_cache(maxsize=4096)(jsonpath_ng.ext.parse)

logging.getLogger("werkzeug").setLevel(logging.WARNING)

moto.iam.models.mark_account_as_visited = lambda *_, **__: None

create = BackendDict.__getitem__
BackendDict.__getitem__ = lambda self, account: (
    dict.__getitem__(self, account) if dict.__contains__(self, account) else create(self, account)
)

transact = moto.dynamodb.models.DynamoDBBackend.transact_write_items


def transact_write_items(self, transact_items):
    """Runs the transaction with a deepcopy that copies of a table what it names."""
    named = collections.defaultdict(set)
    for item in transact_items:
        op = next(iter(item.values()))
        table = self.tables.get(op.get("TableName"))
        if table is None or table.range_key_attr is None:
            continue
        key = op.get("Key") or op.get("Item") or {}
        if table.hash_key_attr in key and table.range_key_attr in key:
            named[DynamoType(key[table.hash_key_attr])].add(
                DynamoType(key[table.range_key_attr])
            )

    def deepcopy(x, *memo):
        if not isinstance(x, moto.dynamodb.models.Table) or x.range_key_attr is None:
            return copy.deepcopy(x, *memo)
        table = copy.copy(x)
        table.items = collections.defaultdict(dict, x.items)
        for partition, sort_keys in named.items():
            if partition in x.items:
                items = dict(x.items[partition])
                for sort_key in sort_keys & items.keys():
                    items[sort_key] = copy.deepcopy(items[sort_key])
                table.items[partition] = items
        return table

    # One transaction runs at a time: the local AWS sees to it, for moto's table
    # has no lock of its own.
    moto.dynamodb.models.copy = types.SimpleNamespace(deepcopy=deepcopy)
    try:
        return transact(self, transact_items)
    finally:
        moto.dynamodb.models.copy = copy


moto.dynamodb.models.DynamoDBBackend.transact_write_items = transact_write_items

import moto.server

# The first argument is the name by which the process can be told.
moto.server.main(sys.argv[2:])
