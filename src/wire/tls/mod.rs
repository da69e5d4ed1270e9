//! TLS as it can be seen without keys: records and hellos.
