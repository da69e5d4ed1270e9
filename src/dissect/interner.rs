//! Texts of one connection, each kept once: header names and values that the trace must remember.

use crate::trace::Symbol;
use crate::wire::keyed::KeyedMap;
use bytes::Bytes;

/// Gives equal texts the same [`Symbol`].
#[derive(Default)]
pub(super) struct Interner {
    symbols: KeyedMap<Bytes, Symbol>,
    texts: Vec<Bytes>,
    taken: usize,
}

impl Interner {
    /// The symbol of a text.
    pub(super) fn intern(&mut self, text: &[u8]) -> Symbol {
        if let Some(&symbol) = self.symbols.get(text) {
            return symbol;
        }
        let symbol = Symbol::from_index(self.texts.len());
        let text = Bytes::copy_from_slice(text);
        self.texts.push(text.clone());
        self.symbols.insert(text, symbol);
        symbol
    }

    /// The text of a symbol given out by this interner.
    pub(super) fn text(&self, symbol: Symbol) -> &[u8] {
        self.texts.get(symbol.index()).map_or(&[], |text| text)
    }

    /// The texts that are new since the last call.
    pub(super) fn take_new(&mut self) -> Vec<Bytes> {
        let new = self.texts.get(self.taken..).unwrap_or_default().to_vec();
        self.taken = self.texts.len();
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_symbol_and_are_handed_over_once() {
        let mut interner = Interner::default();
        let path = interner.intern(b":path");
        let value = interner.intern(b"/");
        assert_eq!(interner.intern(b":path"), path);
        assert_ne!(path, value);
        assert_eq!(interner.text(value), b"/");
        assert_eq!(interner.take_new().len(), 2);
        interner.intern(b":path");
        assert!(interner.take_new().is_empty());
    }
}
