"""Who somebody is: tokens of any OIDC issuer, the local issuer, and keys of partners."""
