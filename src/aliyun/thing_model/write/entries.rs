//! The entries of an object or a list, of which those that are nothing are taken back.

use serde::ser::{self, Serialize};

use super::{Last, Unsupported, Writer};

/// What stands between two brackets.
pub(in super::super) struct Entries<'w, 'b> {
    writer: &'w mut Writer<'b>,
    closing: u8,
    is_empty: bool,
    /// Where the last entry begins, with its comma, and whether it is the first.
    begun: (usize, bool),
}

impl<'w, 'b> Entries<'w, 'b> {
    pub(super) fn new(writer: &'w mut Writer<'b>, closing: u8) -> Self {
        Self { writer, closing, is_empty: true, begun: (0, true) }
    }

    #[inline(never)]
    fn begin(&mut self) {
        let Self { writer, is_empty, begun, .. } = self;
        *begun = (writer.length, *is_empty);
        if !core::mem::take(is_empty) {
            writer.raw(b",");
        }
        if writer.depth == 1 {
            writer.entries = writer.entries.saturating_add(1);
        }
    }

    #[inline(never)]
    fn begin_member(&mut self, name: &str) {
        self.begin();
        self.writer.text(name);
        self.writer.raw(b":");
    }

    /// Takes a member back that turned out to be nothing.
    #[inline(never)]
    fn end_member(&mut self) {
        let Self { writer, is_empty, begun, .. } = self;
        if writer.last == Last::Nothing {
            (writer.length, *is_empty) = *begun;
            if writer.depth == 1 {
                writer.entries = writer.entries.saturating_sub(1);
            }
        }
        writer.last = Last::Other;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.begin();
        value.serialize(&mut *self.writer)
    }

    fn finish(self) -> Result<(), Unsupported> {
        self.writer.close(self.closing);
        Ok(())
    }
}

impl ser::SerializeSeq for Entries<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeTuple for Entries<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Entries<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeMap for Entries<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsupported> {
        self.begin();
        key.serialize(&mut *self.writer)?;
        if self.writer.last != Last::Text {
            return Err(Unsupported);
        }
        self.writer.raw(b":");
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        value.serialize(&mut *self.writer)?;
        self.end_member();
        Ok(())
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeStruct for Entries<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unsupported> {
        self.begin_member(name);
        value.serialize(&mut *self.writer)?;
        self.end_member();
        Ok(())
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}
