//! The operations of a channel's acts, as one table per channel.

/// Defines, from a table of operations and kinds of acts: `ACTS`, `ActOperation` with its `visit`,
/// and `ActVisitor`. The channel writes `ActOperation::new`.
macro_rules! act_operations {
    (
        $(#[$meta:meta])*
        pub enum ActOperation {
            $($operation:ident = $kind:ident,)+
        }
    ) => {
        /// The kinds of acts that the channel takes.
        pub const ACTS: [ActKind; [$(ActKind::$kind),+].len()] = [$(ActKind::$kind),+];

        $(#[$meta])*
        pub enum ActOperation {
            $(
                #[doc = concat!("[`Act::", stringify!($kind), "`].")]
                $operation($operation),
            )+
        }

        impl ActOperation {
            /// The names of the operations, in the order of [`ACTS`].
            pub const NAMES: [&'static str; ACTS.len()] = [$(<$operation as OperationInfo>::NAME),+];

            /// Hands the operation to the visitor.
            pub fn visit<V: ActVisitor>(self, visitor: V) -> V::Output {
                match self {
                    $(Self::$operation(operation) => visitor.visit(operation),)+
                }
            }
        }

        /// One treatment of the operation of every act, such as to send it or to sign it: see
        /// [`ActOperation::visit`].
        pub trait ActVisitor {
            /// The result.
            type Output;

            /// Takes the operation. Its response becomes an [`Effect`].
            fn visit<O>(self, operation: O) -> Self::Output
            where
                O: Operation<Response: Into<Effect>> + Send + Sync + 'static;
        }
    };
}

pub(crate) use act_operations;
