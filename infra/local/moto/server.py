"""moto_server, without the work that grows with what is in it.

- The list of moto's modules is read from the file system by each request, under
  a lock.
- Each JSONPath of a state machine or an event rule builds its parser's tables.
- Each execution parses its definition twice.
- Each invocation by an execution makes an SDK client.
- Each request is written to the log.
- Each request to a new account makes that account's IAM, all managed policies
  included, to note when an access key was last used.
- Each look at an account's resources goes through the list of all accounts, under
  a lock.
- Each write of a DynamoDB transaction copies the whole table beforehand, in case
  the transaction fails; what the transaction names is enough.
- Each DynamoDB query sorts all items of the table before it looks for its own.
- Each attribute value of a DynamoDB answer is looked for under a dozen names.

Beside that, all parsers of a state machine's definition share one list, in which
two executions that start together lose each other's place: the thread of one ends,
and its execution runs for ever.
"""

import collections
import copy
import functools
import inspect
import logging
import re
import sys
import threading
import types

import jsonpath_ng
import jsonpath_ng.ext
import jsonpath_ng.ext.parser
import jsonpath_ng.parser


def parser_of(kind):
    """Parses each path once, by one parser, and nobody else at the same time: where
    hundreds of executions come to a path together, each would build tables."""
    parser, one_at_a_time = kind(), threading.Lock()
    known = functools.lru_cache(maxsize=4096)(parser.parse)

    def parse(path, debug=False):
        with one_at_a_time:
            return known(path)

    return parse


jsonpath_ng.parse = parser_of(jsonpath_ng.parser.JsonPathParser)
jsonpath_ng.ext.parse = parser_of(jsonpath_ng.ext.parser.ExtendedJsonPathParser)

# moto's modules take the names over as they are imported: not before.
import moto.backends
import moto.dynamodb.models
import moto.iam.models
from moto.core.base_backend import BackendDict
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.state.exec.state_task import (
    lambda_eval_utils,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import json_path

assert json_path.parse is jsonpath_ng.ext.parse and result_path.parse is jsonpath_ng.parse

modules = tuple(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: modules

logging.getLogger("werkzeug").setLevel(logging.WARNING)
# More executions than connections are kept for: each beyond them has one of its own.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

Preprocessor.__init__ = lambda self: setattr(self, "_query_language_per_scope", [])

parse_definition = AmazonStateLanguageParser.parse
one_definition_at_a_time = threading.Lock()

# The local AWS has each execution's account in the functions of its definition: with
# this one there all definitions of a state machine are the same.
ANY_ACCOUNT = "900000000000"
own_account = re.compile(r"(:lambda:[a-z0-9-]+:)9[0-9]{11}(:function:)")


@functools.lru_cache(maxsize=64)
def syntax_tree(definition):
    return parse_definition(definition)[1]


def program_of(definition):
    """Makes each execution a program of its own, of one syntax tree."""
    with one_definition_at_a_time:
        tree = syntax_tree(own_account.sub(rf"\g<1>{ANY_ACCOUNT}\g<2>", definition))
    return Preprocessor().visit(tree), tree


invoke = lambda_eval_utils.execute_lambda_function_integration


def invoke_of_execution(env, parameters, **named):
    """Invokes the function that is named in the execution's account."""
    account = env.aws_execution_details.account
    name = parameters["FunctionName"].replace(f":{ANY_ACCOUNT}:", f":{account}:")
    invoke(env=env, parameters={**parameters, "FunctionName": name}, **named)


lambda_eval_utils.execute_lambda_function_integration = invoke_of_execution
AmazonStateLanguageParser.parse = staticmethod(program_of)

new_client = lambda_eval_utils.boto_client_for
one_client_at_a_time = threading.Lock()


@functools.lru_cache(maxsize=None)
def client_of(region, service):
    return new_client(region=region, service=service)


def boto_client_for(region, service, state_credentials=None):
    with one_client_at_a_time:
        return client_of(region, service)


lambda_eval_utils.boto_client_for = boto_client_for

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

query = moto.dynamodb.models.Table.query
asks = inspect.signature(query)


@functools.wraps(query)
def query_partition(self, *arguments, **named):
    """Runs the query on a table that has only what carries its partition key."""
    asked = asks.bind(self, *arguments, **named).arguments
    wanted = dict(asked.get("hash_key_conditions") or ())
    if self.range_key_attr is None:
        return query(self, *arguments, **named)
    table = copy.copy(self)
    if not asked.get("index_name"):
        table.items = {key: self.items[key] for key in [asked["hash_key"]] if key in self.items}
    else:
        table.items = {
            key: {
                sort_key: item
                for sort_key, item in partition.items()
                if all(name in item.attrs and item.attrs[name] == wanted[name] for name in wanted)
            }
            for key, partition in self.items.items()
        }
    return query(table, *arguments, **named)


moto.dynamodb.models.Table.query = query_partition

structure = BaseJSONSerializer._serialize_type_structure


def plain(value):
    """The attribute value as it stands in an answer; None where bytes are in it."""
    [(kind, content)] = value.items()
    if kind in ("B", "BS"):
        return None
    if kind == "M":
        content = {name: plain(member) for name, member in content.items()}
        return None if None in content.values() else {kind: content}
    if kind == "L":
        content = [plain(member) for member in content]
        return None if None in content else {kind: content}
    return value


def serialize_structure(self, serialized, value, shape, key):
    if shape.name == "AttributeValue" and key and isinstance(value, dict) and len(value) == 1:
        if (attribute := plain(value)) is not None:
            serialized[key] = attribute
            return
    structure(self, serialized, value, shape, key)


BaseJSONSerializer._serialize_type_structure = serialize_structure

import moto.server

# The first argument is the name by which the process can be told.
moto.server.main(sys.argv[2:])
