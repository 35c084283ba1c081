"""Read an account with Coinbase's own client and print it as JSON; runs in .venv-peers: HOST KEY SECRET."""

import json
import sys

from coinbase.rest import RESTClient

host, key, secret = sys.argv[1:]
client = RESTClient(api_key=key, api_secret=secret, base_url=host, timeout=20)


def pages(ask, name, **query):
    """All rows of a list that is paged by cursor."""
    rows, cursor = [], None
    while True:
        page = ask(cursor=cursor, **query).to_dict()
        rows += page[name]
        cursor = page.get("cursor")
        if not cursor:
            return rows


accounts = pages(client.get_accounts, "accounts", limit=4)
fills = pages(client.get_fills, "fills", limit=50)
orders = pages(client.list_orders, "orders", limit=50, order_status=["FILLED"])
sys.stdout.write(
    json.dumps(
        {
            "permissions": client.get_api_key_permissions().to_dict(),
            "balances": {
                row["currency"]: [row["available_balance"]["value"], row["hold"]["value"]] for row in accounts
            },
            "fills": {row["entry_id"]: [row["product_id"], row["side"], row["commission"]] for row in fills},
            "orders": {row["order_id"]: row["total_fees"] for row in orders},
            "one": client.get_order(orders[0]["order_id"]).to_dict()["order"]["total_fees"],
            "account": client.get_account(accounts[0]["uuid"]).to_dict()["account"]["currency"],
            "tier": client.get_transaction_summary().to_dict()["fee_tier"],
        }
    )
)
