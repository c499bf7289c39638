//! The suites of the desk and of the page run over each store.

/// The tests of the suite, over each store. Time passes only where a test waits.
macro_rules! suite {
    ($($area:ident: $($test:ident)*;)*) => {
        mod memory {
            $(mod $area {
                $(#[tokio::test(start_paused = true)]
                async fn $test() {
                    crate::$area::$test(&crate::world::memory()).await;
                })*
            })*
        }

        mod sqlite {
            $(mod $area {
                $(#[tokio::test]
                async fn $test() {
                    crate::$area::$test(&crate::world::sqlite()).await;
                })*
            })*
        }
    };
}
