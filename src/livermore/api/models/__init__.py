"""What the API says and hears, as types: the OpenAPI document is made of them."""
