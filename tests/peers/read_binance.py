"""Read an account with python-binance and print it as JSON; runs in .venv-peers: ORIGIN KEY KIND SECRET SYMBOL."""

import json
import sys

from binance.client import Client

origin, key, kind, secret, symbol = sys.argv[1:]
Client.API_URL = f"{origin}/api"
Client.MARGIN_API_URL = f"{origin}/sapi"
secrets = {"private_key": secret} if kind == "EdDSA" else {"api_secret": secret}
client = Client(api_key=key, tld="com", **secrets)

account = client.get_account()
trades, first = [], 0
while True:
    page = client.get_my_trades(symbol=symbol, fromId=first, limit=20)
    trades += page
    if len(page) < 20:
        break
    first = page[-1]["id"] + 1
sys.stdout.write(
    json.dumps(
        {
            "permissions": client.get_account_api_permissions(),
            "balances": {
                row["asset"]: [row["free"], row["locked"]]
                for row in account["balances"]
                if float(row["free"]) or float(row["locked"])
            },
            "rates": account["commissionRates"],
            "trades": {str(row["id"]): [row["qty"], row["commission"], row["commissionAsset"]] for row in trades},
            "orders": [row["orderId"] for row in client.get_all_orders(symbol=symbol)],
            "fee": client.get_trade_fee(symbol=symbol)[0],
        }
    )
)
