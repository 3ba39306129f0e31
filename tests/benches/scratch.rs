use ndarray::Array2;
use picklebook::data::Labels;
use picklebook::tree::DecisionTreeClassifier;
use std::time::Instant;
fn main() {
    let dir = "/tmp/skl/d/";
    let args: Vec<String> = std::env::args().collect();
    let x: Vec<f64> = std::fs::read(format!("{dir}features.f64"))
        .unwrap()
        .chunks_exact(8)
        .map(|c| f64::from_le_bytes(c.try_into().unwrap()))
        .collect();
    let y: Vec<i64> = std::fs::read(format!("{dir}target.i64"))
        .unwrap()
        .chunks_exact(8)
        .map(|c| i64::from_le_bytes(c.try_into().unwrap()))
        .collect();
    let n = y.len();
    let x = Array2::from_shape_vec((n, 20), x).unwrap();
    let x32 = x.mapv(|v| v as f32);
    let y = Labels::from(y);
    for depth in if args.len() > 2 { vec![0] } else { vec![3, 10, 0] } {
        let mut p = DecisionTreeClassifier::params().random_state(0);
        if depth > 0 {
            p = p.max_depth(depth);
        }
        let mut best = f64::MAX;
        let mut t = None;
        for _ in 0..(if args.len() > 1 { 5 } else { 3 }) {
            let s = Instant::now();
            t = Some(
                p.fit_weighted(
                    x.slice(ndarray::s![..100000.min(n), ..]),
                    &y.take(&(0..100000.min(n)).collect::<Vec<_>>()).unwrap(),
                    None,
                )
                .unwrap(),
            );
            best = best.min(s.elapsed().as_secs_f64());
        }
        let t = t.unwrap();
        print!("depth {depth} nodes {} fit {best:.4} ", t.tree().node_count());
        for k in 0..2 {
            let mut b = f64::MAX;
            for _ in 0..(if args.len() > 2 { 60 } else { 9 }) {
                let s = Instant::now();
                let r = if k == 0 { t.predict(&x) } else { t.predict(&x32) };
                b = b.min(s.elapsed().as_secs_f64());
                drop(r);
            }
            print!(" {:.1}", n as f64 / b / 1e6);
        }
        println!();
    }
}
