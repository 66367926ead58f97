//! Rows of a table, and back.

use crate::training::testing::*;
use crate::training::*;

fn ids(tokens: usize, rows: usize) -> Vec<i32> {
    (0..tokens)
        .map(|t| ((t * 7919 + 13) % rows) as i32)
        .collect()
}

#[test]
fn gather_takes_rows_and_scatter_adds_them_in_order() {
    for (tokens, rows, hidden) in [(1, 1, 1), (40, 7, 33), (100, 9, 384), (17, 300, 130)] {
        let (table, dy, ids) = (
            random(rows * hidden, 1),
            random(tokens * hidden, 2),
            ids(tokens, rows),
        );
        let mut sums = table.clone();
        let mut expected = vec![];
        for (t, id) in ids.iter().enumerate() {
            let row = *id as usize * hidden;
            expected.extend_from_slice(&table[row..row + hidden]);
            for k in 0..hidden {
                sums[row + k] += dy[t * hidden + k];
            }
        }
        for context in contexts() {
            let y = within_canaries(tokens * hidden, |y| {
                embedding_gather(&context, &table, &ids, y, tokens, hidden, false).unwrap();
            });
            same_bits(&y, &expected);
            let mut added = dy.clone();
            embedding_gather(&context, &table, &ids, &mut added, tokens, hidden, true).unwrap();
            let sum: Vec<f32> = dy.iter().zip(&expected).map(|(a, b)| a + b).collect();
            same_bits(&added, &sum);
            let d_table = within_canaries(rows * hidden, |d_table| {
                d_table.copy_from_slice(&table);
                embedding_scatter_add(&context, &dy, &ids, d_table, tokens, hidden).unwrap();
            });
            same_bits(&d_table, &sums);
        }
    }
}

#[test]
fn ids_and_tables_that_do_not_fit_are_refused() {
    let context = &contexts()[0];
    let table = [0.0; 12];
    let mut y = [5.0; 8];
    let mut gather = |table: &[f32], ids: &[i32]| {
        let error = embedding_gather(context, table, ids, &mut y, 2, 4, false);
        error.unwrap_err().to_string()
    };
    assert!(gather(&table, &[0, 3]).contains("id 3 at 1 is outside of a table of 3 rows"));
    assert!(gather(&table, &[-1, 0]).contains("id -1 at 0"));
    assert!(gather(&table, &[i32::MIN, 0]).contains("at 0"));
    assert!(gather(&table[1..], &[0, 0]).contains("whole rows"));
    assert!(gather(&table, &[0]).starts_with("ids has 1"));
    let mut d_table = table;
    assert!(embedding_scatter_add(context, &y, &[0, 3], &mut d_table, 2, 4).is_err());
    assert_eq!((y, d_table), ([5.0; 8], table));
}
