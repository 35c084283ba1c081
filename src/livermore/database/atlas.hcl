# For those who work with Atlas: `atlas schema diff --env livermore` and friends read schema.sql as it is.
env "livermore" {
  src     = "file://schema.sql"
  url     = getenv("LIVERMORE_DATABASE_URL_FOR_ATLAS")
  dev     = "docker://postgres/18/dev"
  schemas = ["livermore"]

  migration {
    dir = "file://migrations"
  }
}
